package transforms

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ValueToKey)(nil)

// ValueToKey makes a new key of fields of the value.
type ValueToKey struct {
	fields      []string
	replaceNull bool
	schemas     smt.Schemas
}

// ValueToKeyConfig is the configuration of a [ValueToKey].
type ValueToKeyConfig struct {
	// Fields are the fields of the value that the key has.
	Fields []string `config:"fields" valid:"nonempty" doc:"The fields of the value that the new key has."`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default" default:"true" importance:"medium" doc:"Whether null becomes the default of a field that has one."`
}

// ValueToKeyPlugin describes ValueToKey as a worker loads it.
func ValueToKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("ValueToKey", "Replaces the key by one made of fields of the value.",
		config.For[ValueToKeyConfig](), nil, NewValueToKey)
}

// NewValueToKey returns a ValueToKey.
func NewValueToKey(c ValueToKeyConfig) (*ValueToKey, error) {
	return &ValueToKey{fields: c.Fields, replaceNull: c.ReplaceNull}, nil
}

// Apply returns r with another key, which is a struct or a map as the value is. A
// field that is not there is an error with a schema, and null without one.
func (t *ValueToKey) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := Value.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	key := make(map[string]any, len(t.fields))
	for _, name := range t.fields {
		if s == nil {
			key[name] = m[name]
			continue
		}
		f := s.Field(name)
		if f == nil {
			return nil, fmt.Errorf("value of topic %s has no field %.80q for the key", r.Topic, name)
		}
		key[name] = smt.WithDefault(f.Schema, m[name], t.replaceNull)
	}
	return Key.Replace(r, t.schemas.Of(s, t.schema), key), nil
}

// schema has the fields in the order of the configuration, each once.
func (t *ValueToKey) schema(s *data.Schema) *data.Schema {
	out := &data.Schema{Kind: data.Struct}
	for _, name := range t.fields {
		if f := s.Field(name); f != nil && out.Field(name) == nil {
			out.Fields = append(out.Fields, *f)
		}
	}
	return out
}
