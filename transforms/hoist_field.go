package transforms

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*HoistField)(nil)

// HoistField makes the whole key or value the only field of a struct, or of a map
// when there is no schema.
type HoistField struct {
	part    Part
	field   string
	schemas smt.Schemas
}

// HoistFieldConfig is the configuration of a [HoistField].
type HoistFieldConfig struct {
	// Field is the name of the only field.
	Field string `config:"field" valid:"nonempty" importance:"medium" doc:"Name of the only field of the new struct or map."`
}

// HoistFieldKeyPlugin describes HoistField on keys as a worker loads it.
func HoistFieldKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("HoistField$Key", "Wraps keys into a struct or map with one field.",
		hoistFieldDef(), nil, smt.On(Key, NewHoistField))
}

// HoistFieldValuePlugin describes HoistField on values as a worker loads it.
func HoistFieldValuePlugin() connect.TransformPlugin {
	return smt.Plugin("HoistField$Value", "Wraps values into a struct or map with one field.",
		hoistFieldDef(), nil, smt.On(Value, NewHoistField))
}

func hoistFieldDef() *config.Def { return config.For[HoistFieldConfig]() }

// NewHoistField returns a HoistField.
func NewHoistField(p Part, c HoistFieldConfig) (*HoistField, error) {
	return &HoistField{part: p, field: c.Field}, nil
}

// Apply returns r with its data one level deeper. Null becomes a field that is null.
func (t *HoistField) Apply(r *connect.Record) (*connect.Record, error) {
	s, v, err := t.part.Decode(r)
	if err != nil {
		return nil, err
	}
	return t.part.Replace(r, t.schemas.Of(s, t.schema), map[string]any{t.field: v}), nil
}

func (t *HoistField) schema(s *data.Schema) *data.Schema {
	return &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: t.field, Schema: s}}}
}
