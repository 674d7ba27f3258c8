package parsers

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/formats/ltsvdata"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ParseLTSV)(nil)

// ParseLTSV reads a record of labelled tab-separated values as data.
type ParseLTSV struct{ parser *parser }

// ParseLTSVConfig is the configuration of a [ParseLTSV].
type ParseLTSVConfig struct {
	Place
	// Format says how the text is read; its Replacement is not used.
	Format ltsvdata.Options
}

// ParseLTSVKeyPlugin describes ParseLtsv on keys as a worker loads it.
func ParseLTSVKeyPlugin() connect.TransformPlugin {
	return parseLTSVPlugin(smt.Key, "$Key",
		"Reads labelled tab-separated values, in keys or in one field of them, as data, with a type for each label.")
}

// ParseLTSVValuePlugin describes ParseLtsv on values as a worker loads it.
func ParseLTSVValuePlugin() connect.TransformPlugin {
	return parseLTSVPlugin(smt.Value, "$Value",
		"Reads labelled tab-separated values, in values or in one field of them, as data, with a type for each label.")
}

func parseLTSVPlugin(part smt.Part, ending, doc string) connect.TransformPlugin {
	return connect.TransformPlugin{
		Info: connect.Info{Class: "suiro.ParseLtsv" + ending, Doc: doc, Def: parseLTSVDef(), Validate: validateParseLTSV},
		New: func(v config.Values) (connect.Transform, error) {
			if err := validateParseLTSV(v).OrNil(); err != nil {
				return nil, err
			}
			format, err := ltsvdata.FromValues(v)
			if err != nil {
				return nil, err
			}
			c := ParseLTSVConfig{Format: format}
			v.Decode(&c)
			return NewParseLTSV(part, c)
		},
	}
}

func parseLTSVDef() *config.Def {
	return config.New(placeKeys("the text")...).With(ltsvdata.Keys()...)
}

func validateParseLTSV(v config.Values) config.Errors {
	var p Place
	v.Decode(&p)
	return append(p.check(), ltsvdata.Check(v)...)
}

// NewParseLTSV returns a ParseLTSV, or an error about its place or format.
func NewParseLTSV(p smt.Part, c ParseLTSVConfig) (*ParseLTSV, error) {
	codec, err := ltsvdata.New(c.Format)
	if err != nil {
		return nil, err
	}
	read := func(text []byte) (any, error) { return codec.Decode(text) }
	parser, err := newParser(p, c.Place, format{name: "ltsv", read: read, schema: codec.Schema(),
		remedy: "it is in a struct with a schema, and the LTSV text has none: set schemas.enable=true and list its labels " +
			"in ltsv.keep"})
	if err != nil {
		return nil, err
	}
	return &ParseLTSV{parser}, nil
}

// Apply returns r with the text as data, null for null. Text that is not one LTSV record
// is an error.
func (t *ParseLTSV) Apply(r *connect.Record) (*connect.Record, error) { return t.parser.apply(r) }
