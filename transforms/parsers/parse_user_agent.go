package parsers

import (
	"slices"
	"sync"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/formats/useragent"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ParseUserAgent)(nil)

// ParseUserAgent reads a User-Agent header of HTTP as browser, operating system and device.
type ParseUserAgent struct{ parser *parser }

// ParseUserAgentConfig is the configuration of a [ParseUserAgent].
type ParseUserAgentConfig struct {
	Place
	// Nulls are headers that mean that there was none.
	Nulls []string `config:"null.values"`
}

// ParseUserAgentKeyPlugin describes ParseUserAgent on keys as a worker loads it.
func ParseUserAgentKeyPlugin() connect.TransformPlugin {
	return parseUserAgentPlugin(smt.Key, "$Key",
		"Makes browser, operating system and device of the User-Agent header of HTTP, in keys or in one field of them.")
}

// ParseUserAgentValuePlugin describes ParseUserAgent on values as a worker loads it.
func ParseUserAgentValuePlugin() connect.TransformPlugin {
	return parseUserAgentPlugin(smt.Value, "$Value",
		"Makes browser, operating system and device of the User-Agent header of HTTP, in values or in one field of them.")
}

func parseUserAgentPlugin(part smt.Part, ending, doc string) connect.TransformPlugin {
	p := smt.Plugin("", doc, parseUserAgentDef(), validateParseUserAgent, smt.On(part, NewParseUserAgent))
	p.Class = "suiro.ParseUserAgent" + ending
	return p
}

func parseUserAgentDef() *config.Def {
	return config.New(placeKeys("the header")...).With(
		config.Key{Name: "null.values", Type: config.List, Default: "-", Importance: config.Medium,
			Doc: "Texts that mean that there was no header, and become null; empty for none."},
	).Change("target.field", func(k *config.Key) {
		k.Doc = "Name, not a path, of a field for the data beside the one with the header, which then stays as it is; " +
			"empty puts the data in the place of the header. The data are name, version, os_name, os_version, device_name " +
			"and device_type (desktop, phone, tablet or tv), each null when it is not known, and bot, true for crawlers. " +
			"The names are those of Logstash and Elasticsearch, from uap-core."
	})
}

func validateParseUserAgent(v config.Values) config.Errors {
	var c ParseUserAgentConfig
	v.Decode(&c)
	return c.check()
}

// NewParseUserAgent returns a ParseUserAgent, or an error about its place, which is a
// [config.Errors].
func NewParseUserAgent(p smt.Part, c ParseUserAgentConfig) (*ParseUserAgent, error) {
	reader := sync.OnceValues(useragent.New) // with the first record, as a configuration is often only checked
	read := func(text []byte) (any, error) {
		if slices.Contains(c.Nulls, string(text)) {
			return nil, nil
		}
		r, err := reader()
		if err != nil {
			return nil, err
		}
		return r.Read(string(text)), nil
	}
	parser, err := newParser(p, c.Place, format{name: "user agent", read: read, schema: useragent.Schema()})
	if err != nil {
		return nil, err
	}
	return &ParseUserAgent{parser}, nil
}

// Apply returns r with what the header says, null for null.
func (t *ParseUserAgent) Apply(r *connect.Record) (*connect.Record, error) { return t.parser.apply(r) }
