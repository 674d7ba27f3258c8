package shop

import (
	"fmt"
	"maps"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

type maskConfig struct {
	Fields []string `config:"fields" valid:"nonempty" doc:"Fields of the value to hide."`
	Text   string   `config:"replacement" default:"***" doc:"Text that stands in their place."`
}

// MaskPlugin describes Mask as a worker loads it.
func MaskPlugin() connect.TransformPlugin {
	return connect.TransformPlugin{
		Info: connect.Info{Class: "example.Mask", Version: version, Def: config.For[maskConfig](),
			Doc: "Hides fields of text."},
		New: func(v config.Values) (connect.Transform, error) {
			m := &Mask{}
			v.Decode(&m.config)
			return m, nil
		},
	}
}

// Mask hides fields of text.
type Mask struct{ config maskConfig }

// Apply returns a copy of r without the text of the fields. A value that is not an
// object, such as a tombstone, passes as it is.
func (m *Mask) Apply(r *connect.Record) (*connect.Record, error) {
	schema, value, err := r.Value.Decode()
	if err != nil {
		return nil, err
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return r, nil
	}
	masked := maps.Clone(fields)
	for _, name := range m.config.Fields {
		switch fields[name].(type) {
		case nil: // there is nothing to hide
		case string:
			masked[name] = m.config.Text
		default:
			return nil, fmt.Errorf("mask field %s: it is %s, want text", name, data.Describe(fields[name]))
		}
	}
	out := *r
	out.Value = connect.Decoded(schema, masked)
	return &out, nil
}
