package parsers

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/json"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ParseJSON)(nil)

// ParseJSON reads JSON text as data.
type ParseJSON struct{ parser *parser }

// ParseJSONConfig is the configuration of a [ParseJSON].
type ParseJSONConfig struct {
	Place
	// Schema is what the text is read by, as the JSON of a schema; empty means by what it
	// looks like.
	Schema string `config:"schema.content"`
}

// ParseJSONKeyPlugin describes ParseJson on keys as a worker loads it.
func ParseJSONKeyPlugin() connect.TransformPlugin {
	return parseJSONPlugin(smt.Key, "$Key", "Reads JSON text, in keys or in one field of them, as data.")
}

// ParseJSONValuePlugin describes ParseJson on values as a worker loads it.
func ParseJSONValuePlugin() connect.TransformPlugin {
	return parseJSONPlugin(smt.Value, "$Value", "Reads JSON text, in values or in one field of them, as data.")
}

func parseJSONPlugin(part smt.Part, ending, doc string) connect.TransformPlugin {
	p := smt.Plugin("", doc, parseJSONDef(), validateParseJSON, smt.On(part, NewParseJSON))
	p.Class = "suiro.ParseJson" + ending
	return p
}

func parseJSONDef() *config.Def {
	return config.New(placeKeys("the JSON text")...).With(
		config.Key{Name: "schema.content", Type: config.String, Default: "", Importance: config.Medium,
			Valid: config.Func("the JSON of a schema", func(v any) error {
				_, err := contentSchema(fmt.Sprint(v))
				return err
			}),
			Doc: "Schema that the text is read by, as JSON, as in the key of this name of JsonConverter; empty reads data " +
				"without a schema. A field of data with a schema needs it."})
}

func validateParseJSON(v config.Values) config.Errors {
	var c ParseJSONConfig
	v.Decode(&c)
	return c.check()
}

// contentSchema reads the schema of schema.content, nil for none.
func contentSchema(text string) (*data.Schema, error) {
	if text == "" {
		return nil, nil
	}
	return json.ReadSchema([]byte(text), false)
}

// NewParseJSON returns a ParseJSON, or an error about its place or schema.
func NewParseJSON(p smt.Part, c ParseJSONConfig) (*ParseJSON, error) {
	s, err := contentSchema(c.Schema)
	if err != nil {
		return nil, fmt.Errorf("schema.content: %w", err)
	}
	read := func(text []byte) (any, error) { return json.Decode(text, s, !c.ReplaceNull) }
	parser, err := newParser(p, c.Place, format{name: "json", read: read, schema: s,
		remedy: "it is in a struct with a schema, and the JSON text has none: give one in schema.content"})
	if err != nil {
		return nil, err
	}
	return &ParseJSON{parser}, nil
}

// Apply returns r with the text as data, null for null. Text that is not one JSON value
// is an error.
func (t *ParseJSON) Apply(r *connect.Record) (*connect.Record, error) { return t.parser.apply(r) }
