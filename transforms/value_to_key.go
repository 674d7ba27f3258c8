package transforms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ValueToKey)(nil)

// ValueToKey makes a new key of fields of the value.
type ValueToKey struct {
	fields      []keyField
	replaceNull bool
	schemas     smt.Schemas
}

// keyField is a field of the key and where it is in the value.
type keyField struct {
	name string
	path smt.Path
}

// ValueToKeyConfig is the configuration of a [ValueToKey].
type ValueToKeyConfig struct {
	// Fields are the fields of the value that the key has.
	Fields []string `config:"fields"`
	// Syntax is V1 or V2; in V2 Fields are paths, and the key has the last name of each. Empty
	// means V1.
	Syntax string `config:"field.syntax.version"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// ValueToKeyPlugin describes ValueToKey as a worker loads it.
func ValueToKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("ValueToKey", "Replaces the key by one made of fields of the value.",
		valueToKeyDef(), validateValueToKey, NewValueToKey)
}

func valueToKeyDef() *config.Def {
	return config.New(
		config.Key{Name: "fields", Type: config.List, Required: true, Valid: config.NonEmpty(),
			Doc: "The fields of the value that the new key has."},
		smt.Syntax(),
		smt.ReplaceNull(),
	)
}

func validateValueToKey(v config.Values) config.Errors {
	var c ValueToKeyConfig
	v.Decode(&c)
	if _, err := NewValueToKey(c); err != nil {
		return config.Errors{config.Errorf("fields", strings.Join(c.Fields, ","), "%v", err)}
	}
	return nil
}

// NewValueToKey returns a ValueToKey, or an error about its paths.
func NewValueToKey(c ValueToKeyConfig) (*ValueToKey, error) {
	t := &ValueToKey{replaceNull: c.ReplaceNull}
	for _, text := range c.Fields {
		path, err := smt.ParsePath(text, c.Syntax)
		if err != nil {
			return nil, err
		}
		f := keyField{path[len(path)-1], path}
		i := slices.IndexFunc(t.fields, func(other keyField) bool { return other.name == f.name })
		if i < 0 {
			t.fields = append(t.fields, f)
		} else if !slices.Equal(t.fields[i].path, path) {
			return nil, fmt.Errorf("two fields of the key get the name %.80q: rename one before", f.name)
		}
	}
	return t, nil
}

// Apply returns r with another key, which is a struct or a map as the value is. A
// field that is not there is an error with a schema, and null without one.
func (t *ValueToKey) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := Value.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	key := make(map[string]any, len(t.fields))
	for _, f := range t.fields {
		if s != nil && f.path.Field(s) == nil {
			return nil, fmt.Errorf("value of topic %s has no field %.80q for the key", r.Topic, strings.Join(f.path, "."))
		}
		if key[f.name], err = f.path.Get(s, m, t.replaceNull); err != nil {
			return nil, err
		}
	}
	return Key.Replace(r, t.schemas.Of(s, t.schema), key), nil
}

// schema has the fields in the order of the configuration, each once. One in an
// optional struct is optional.
func (t *ValueToKey) schema(s *data.Schema) *data.Schema {
	out := &data.Schema{Kind: data.Struct}
	for _, f := range t.fields {
		field := f.path.Field(s)
		if field == nil {
			continue
		}
		for i := 1; i < len(f.path); i++ {
			if f.path[:i].Field(s).Optional {
				field = smt.Optional(field)
			}
		}
		out.Fields = append(out.Fields, data.Field{Name: f.name, Schema: field})
	}
	return out
}
