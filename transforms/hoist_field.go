package transforms

import (
	"fmt"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*HoistField)(nil)

// HoistField makes the whole key or value, or one field, the only field of a struct, or
// of a map when there is no schema.
type HoistField struct {
	part    Part
	field   smt.Path
	hoisted smt.Path // nil for the whole key or value
	schemas smt.Schemas
}

// HoistFieldConfig is the configuration of a [HoistField].
type HoistFieldConfig struct {
	// Field is the name of the only field or, with Hoisted, of the struct around it.
	Field string `config:"field"`
	// Hoisted is the field that is put into a struct, which takes its place; empty for the
	// whole key or value.
	Hoisted string `config:"hoisted"`
	// Syntax is V1 or V2; in V2 Field and Hoisted are paths, and empty means V1.
	Syntax string `config:"field.syntax.version"`
}

// HoistFieldKeyPlugin describes HoistField on keys as a worker loads it.
func HoistFieldKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("HoistField$Key", "Wraps keys, or a field of them, into a struct or map with one field.",
		hoistFieldDef(), validateHoistField, smt.On(Key, NewHoistField))
}

// HoistFieldValuePlugin describes HoistField on values as a worker loads it.
func HoistFieldValuePlugin() connect.TransformPlugin {
	return smt.Plugin("HoistField$Value", "Wraps values, or a field of them, into a struct or map with one field.",
		hoistFieldDef(), validateHoistField, smt.On(Value, NewHoistField))
}

func hoistFieldDef() *config.Def {
	return config.New(
		config.Key{Name: "field", Type: config.String, Required: true, Valid: config.NonEmpty(),
			Importance: config.Medium, Doc: "Name of the only field of the new struct or map; with hoisted, name of the " +
				"struct or map that the field is put into."},
		config.Key{Name: "hoisted", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "The field to put into a struct or map of its own: with nested.val and the field line, " +
				"{\"nested\":{\"val\":42}} becomes {\"nested\":{\"line\":{\"val\":42}}}. Empty for the whole key or value."},
		ownSyntax(),
	)
}

func validateHoistField(v config.Values) config.Errors {
	var c HoistFieldConfig
	v.Decode(&c)
	_, _, errs := c.paths()
	return errs
}

// paths returns the paths of the configuration; hoisted is nil for the whole key or value.
func (c HoistFieldConfig) paths() (field, hoisted smt.Path, errs config.Errors) {
	field, err := smt.ParsePath(c.Field, c.Syntax)
	if err != nil {
		errs = append(errs, config.Errorf("field", c.Field, "%v", err))
	}
	if c.Hoisted == "" {
		return field, nil, errs
	}
	if hoisted, err = smt.ParsePath(c.Hoisted, c.Syntax); err != nil {
		errs = append(errs, config.Errorf("hoisted", c.Hoisted, "%v", err))
	}
	return field, hoisted, errs
}

// NewHoistField returns a HoistField. An error is a [config.Errors].
func NewHoistField(p Part, c HoistFieldConfig) (*HoistField, error) {
	field, hoisted, errs := c.paths()
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	return &HoistField{part: p, field: field, hoisted: hoisted}, nil
}

// Apply returns r with its data one level deeper. As a whole, null becomes a field that
// is null; a field that is not there stays away.
func (t *HoistField) Apply(r *connect.Record) (*connect.Record, error) {
	if t.hoisted != nil {
		return t.applyField(r)
	}
	s, v, err := t.part.Decode(r)
	if err != nil {
		return nil, err
	}
	return t.part.Replace(r, t.schemas.Of(s, t.schema), nested(t.field, v)), nil
}

func (t *HoistField) schema(s *data.Schema) *data.Schema { return nestedSchema(t.field, s) }

func (t *HoistField) applyField(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out, err := t.hoist(t.hoisted, s, m)
	schema := t.schemas.Of(s, func(s *data.Schema) *data.Schema { return t.hoistSchema(t.hoisted, s) })
	if err == nil && s != nil && schema == nil {
		err = t.taken()
	}
	if err != nil {
		return nil, fmt.Errorf("%s of topic %s: %w", t.part, r.Topic, err)
	}
	return t.part.Replace(r, schema, out), nil
}

// taken says that the new struct has the name of a field beside it.
func (t *HoistField) taken() error {
	return fmt.Errorf("there is a field %.80q beside the hoisted one: choose another name with the key field", t.field[0])
}

// hoist returns m, of schema s or of none, with the field at path one level deeper.
func (t *HoistField) hoist(path smt.Path, s *data.Schema, m map[string]any) (map[string]any, error) {
	name := path[0]
	v, there := m[name]
	var fs *data.Schema
	if s != nil {
		f := s.Field(name)
		if there = f != nil; there {
			fs = f.Schema
		}
	}
	if !there || v == nil && len(path) > 1 {
		return m, nil
	}
	out := maps.Clone(m)
	if len(path) == 1 {
		delete(out, name)
		if _, taken := out[t.field[0]]; taken {
			return nil, t.taken()
		}
		out[t.field[0]] = nested(t.inside(name), v)
		return out, nil
	}
	inner, err := smt.FieldsOf(fs, v)
	if err == nil {
		out[name], err = t.hoist(path[1:], fs, inner)
	}
	if err != nil {
		return nil, data.InField(name, err)
	}
	return out, nil
}

// hoistSchema returns the schema of what hoist makes of structs of schema s, nil when
// two fields get one name.
func (t *HoistField) hoistSchema(path smt.Path, s *data.Schema) *data.Schema {
	at := slices.IndexFunc(s.Fields, func(f data.Field) bool { return f.Name == path[0] })
	if at < 0 {
		return s
	}
	out := *s
	out.Fields, out.Default = slices.Clone(s.Fields), nil
	if m, ok := s.Default.(map[string]any); ok {
		if hoisted, err := t.hoist(path, s, m); err == nil {
			out.Default = hoisted
		}
	}
	f := &out.Fields[at]
	switch {
	case len(path) == 1 && path[0] != t.field[0] && s.Field(t.field[0]) != nil:
		return nil
	case len(path) == 1:
		*f = data.Field{Name: t.field[0], Schema: nestedSchema(t.inside(path[0]), f.Schema)}
	case f.Schema.Kind == data.Struct:
		if f.Schema = t.hoistSchema(path[1:], f.Schema); f.Schema == nil {
			return nil
		}
	}
	return &out
}

// inside returns the path from the new struct to the field that is put into it.
func (t *HoistField) inside(name string) smt.Path { return append(slices.Clone(t.field[1:]), name) }

// nested returns a map with v at path and nothing else.
func nested(path smt.Path, v any) map[string]any {
	for i := len(path) - 1; i > 0; i-- {
		v = map[string]any{path[i]: v}
	}
	return map[string]any{path[0]: v}
}

// nestedSchema is the schema of what nested makes of values of schema s.
func nestedSchema(path smt.Path, s *data.Schema) *data.Schema {
	for i := len(path) - 1; i >= 0; i-- {
		s = &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: path[i], Schema: s}}}
	}
	return s
}
