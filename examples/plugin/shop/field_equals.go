package shop

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

type fieldEqualsConfig struct {
	Field string `config:"field" valid:"nonempty" doc:"Field of the value to look at."`
	Text  string `config:"text" doc:"Text that the field must have. A number is compared as text."`
}

// FieldEqualsPlugin describes FieldEquals as a worker loads it.
func FieldEqualsPlugin() connect.PredicatePlugin {
	return connect.PredicatePlugin{
		Info: connect.Info{Class: "example.FieldEquals", Version: version,
			Def: config.For[fieldEqualsConfig](),
			Doc: "Holds for records with a text in a field of the value."},
		New: func(v config.Values) (connect.Predicate, error) {
			p := &FieldEquals{}
			v.Decode(&p.config)
			return p, nil
		},
	}
}

// FieldEquals holds for records with a text in a field of the value.
type FieldEquals struct{ config fieldEqualsConfig }

// Test compares the field's text. It does not hold for a tombstone or a missing
// field; of a value that has no fields it cannot tell.
func (p *FieldEquals) Test(r *connect.Record) (bool, error) {
	schema, value, err := r.Value.Decode()
	if err != nil || value == nil {
		return false, err
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return false, fmt.Errorf("look for field %s: the value is %s, want an object",
			p.config.Field, data.Describe(value))
	}
	field, ok := fields[p.config.Field]
	if !ok || field == nil {
		return false, nil
	}
	text, err := data.Text(schema.FieldSchema(p.config.Field), field)
	return text == p.config.Text, err
}
