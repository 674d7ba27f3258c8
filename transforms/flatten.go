package transforms

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*Flatten)(nil)

// Flatten puts the fields of structs and maps within the key or value at its top,
// under names that are made of the names of all fields around them. Lists stay as
// they are.
type Flatten struct {
	part      Part
	delimiter string
	schemas   smt.Schemas
}

// FlattenConfig is the configuration of a [Flatten].
type FlattenConfig struct {
	// Delimiter stands between names.
	Delimiter string `config:"delimiter" default:"." importance:"medium" doc:"What stands between the names of fields in the name of the new one."`
}

// FlattenKeyPlugin describes Flatten on keys as a worker loads it.
func FlattenKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("Flatten$Key", "Puts the fields of structs and maps in keys at the top.",
		config.For[FlattenConfig](), nil, smt.On(Key, NewFlatten))
}

// FlattenValuePlugin describes Flatten on values as a worker loads it.
func FlattenValuePlugin() connect.TransformPlugin {
	return smt.Plugin("Flatten$Value", "Puts the fields of structs and maps in values at the top.",
		config.For[FlattenConfig](), nil, smt.On(Value, NewFlatten))
}

// NewFlatten returns a Flatten.
func NewFlatten(p Part, c FlattenConfig) (*Flatten, error) {
	return &Flatten{part: p, delimiter: c.Delimiter}, nil
}

// Apply returns r with its data flat. Two fields that get one name are an error, and
// so is a map in data with a schema.
func (t *Flatten) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	flat, out := t.schemas.Of(s, t.schema), map[string]any{}
	switch {
	case s == nil:
		err = t.addMap(out, "", m)
	case flat == nil:
		err = t.addFields(&data.Schema{}, map[string]bool{}, "", s, s.Optional, nil)
	default:
		t.addStruct(out, "", s, m)
	}
	if err != nil {
		return nil, fmt.Errorf("%s of topic %s: %w", t.part, r.Topic, err)
	}
	return t.part.Replace(r, flat, out), nil
}

// name is that of a field within the field of a prefix.
func (t *Flatten) name(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + t.delimiter + name
}

func (t *Flatten) addMap(out map[string]any, prefix string, m map[string]any) error {
	for name, v := range m {
		name = t.name(prefix, name)
		switch v := v.(type) {
		case map[string]any:
			if err := t.addMap(out, name, v); err != nil {
				return err
			}
			continue
		case map[any]any, data.Pairs:
			return fmt.Errorf("field %.80q is a map whose keys are not text, which cannot become fields", name)
		}
		if _, there := out[name]; there {
			return errTwice(name)
		}
		out[name] = v
	}
	return nil
}

func errTwice(name string) error {
	return fmt.Errorf("two fields get the name %.80q: choose another delimiter, or rename one before", name)
}

// addStruct adds the fields of a struct. Those within a struct that is null are null.
func (t *Flatten) addStruct(out map[string]any, prefix string, s *data.Schema, m map[string]any) {
	for _, f := range s.Fields {
		name := t.name(prefix, f.Name)
		if f.Schema.Kind != data.Struct {
			out[name] = smt.WithDefault(f.Schema, m[f.Name], m != nil)
			continue
		}
		inner, _ := m[f.Name].(map[string]any)
		t.addStruct(out, name, f.Schema, inner)
	}
}

// schema returns the flat schema of s, nil when there is none.
func (t *Flatten) schema(s *data.Schema) *data.Schema {
	out := *s
	out.Fields, out.Default = nil, nil
	top, _ := s.Default.(map[string]any)
	if t.addFields(&out, map[string]bool{}, "", s, s.Optional, top) != nil {
		return nil
	}
	return &out
}

// addFields adds the fields of a struct to those of out, all of them optional when a
// struct around them is. A field without a default has that of its struct.
func (t *Flatten) addFields(out *data.Schema, seen map[string]bool, prefix string, s *data.Schema, optional bool,
	defaults map[string]any) error {
	for _, f := range s.Fields {
		name := t.name(prefix, f.Name)
		field := *f.Schema
		field.Optional = optional || field.Optional
		if field.Default == nil {
			field.Default = defaults[f.Name]
		}
		switch field.Kind {
		case data.Struct:
			inner, _ := field.Default.(map[string]any)
			if err := t.addFields(out, seen, name, f.Schema, field.Optional, inner); err != nil {
				return err
			}
			continue
		case data.Map:
			return fmt.Errorf("field %.80q is a map, whose keys cannot become fields of a schema: leave it out before",
				name)
		}
		if seen[name] {
			return errTwice(name)
		}
		seen[name] = true
		out.Fields = append(out.Fields, data.Field{Name: name, Schema: &field})
	}
	return nil
}
