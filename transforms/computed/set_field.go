package computed

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/memo"
	"github.com/suiro/suiro/transforms/internal/cast"
	"github.com/suiro/suiro/transforms/internal/expression"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*SetField)(nil)

// SetField sets fields to the results of expressions over the record as it comes in.
// A field that is there keeps its schema if that holds the result; any other one gets
// an optional schema of the type of the result, or of the type that is configured.
type SetField struct {
	part    smt.Part
	names   []string
	fields  *expression.Expression
	types   map[string]data.Kind
	schemas memo.Memo[made, *data.Schema]
}

// made is what a schema is made of: another schema, and the types of the fields.
type made struct {
	from  *data.Schema
	types string
}

// SetFieldConfig is the configuration of a [SetField].
type SetFieldConfig struct {
	// Fields are names and expressions, as in {total: value.price * value.count}.
	Fields string `config:"fields"`
	// Types are fields and their types with a colon between, as in the spec of a Cast.
	Types []string `config:"types"`
}

// SetFieldKeyPlugin describes SetField on keys as a worker loads it.
func SetFieldKeyPlugin() connect.TransformPlugin {
	return plugin("SetField$Key", "Sets fields of keys to the results of expressions over the record.", smt.Key)
}

// SetFieldValuePlugin describes SetField on values as a worker loads it.
func SetFieldValuePlugin() connect.TransformPlugin {
	return plugin("SetField$Value", "Sets fields of values to the results of expressions over the record.", smt.Value)
}

func plugin(name, doc string, p smt.Part) connect.TransformPlugin {
	out := smt.Plugin(name, doc, setFieldDef(), validateSetField, smt.On(p, NewSetField))
	out.Class = "suiro." + name
	return out
}

func setFieldDef() *config.Def {
	return config.New(
		config.Key{Name: "fields", Type: config.String, Required: true,
			Valid: config.Func("names and expressions", validFields),
			Doc: "The fields with an expression for each, such as {total: value.price * value.count, host: " +
				"lower(value.host)}, over topic, partition, offset, timestamp, key, value and headers in the language of " +
				"expr-lang.org without now(). Expressions see the record as it comes in, and an error in one, as for " +
				"value.a.b when a is null, rejects the record. Null stays null."},
		config.Key{Name: "types", Type: config.List, Default: "", Importance: config.Medium,
			Doc: "Types of fields, field:type,…, with a type of int8, int16, int32, int64, float32, float64, boolean and " +
				"string; what a type does not hold is rejected. Without one, a field that is there keeps its schema if that " +
				"holds the result, and a new field has the type of the result, optional in a schema: where results of one " +
				"field may be of several types, or null, give it one here."},
	)
}

func validFields(v any) error {
	_, _, err := expression.Fields(fmt.Sprint(v))
	return err
}

func validateSetField(v config.Values) config.Errors {
	var c SetFieldConfig
	v.Decode(&c)
	if _, err := NewSetField(smt.Value, c); err != nil {
		return config.Errors{config.Errorf("types", strings.Join(c.Types, ","), "%v", err)}
	}
	return nil
}

// NewSetField returns a SetField, or an error about its expressions or types.
func NewSetField(p smt.Part, c SetFieldConfig) (*SetField, error) {
	fields, names, err := expression.Fields(c.Fields)
	if err != nil {
		return nil, err
	}
	t := &SetField{part: p, names: names, fields: fields, types: map[string]data.Kind{}}
	for _, item := range c.Types {
		name, typ, _ := strings.Cut(item, ":")
		name = strings.TrimSpace(name)
		kind, known := cast.Kinds[strings.ToLower(strings.TrimSpace(typ))]
		_, again := t.types[name]
		switch {
		case !known:
			return nil, fmt.Errorf("%q: want field:type, with a type of int8, int16, int32, int64, float32, float64, boolean "+
				"and string", item)
		case !slices.Contains(names, name):
			return nil, fmt.Errorf("%q: fields sets no field of this name: correct it, or leave it out", item)
		case again:
			return nil, fmt.Errorf("%q: the field has a type already: name it once", item)
		}
		t.types[name] = kind
	}
	return t, nil
}

// Apply returns r with the fields set.
func (t *SetField) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	v, err := t.fields.Run(r)
	if err != nil {
		return nil, err
	}
	results, _ := v.(map[string]any)
	out := maps.Clone(m)
	types := make([]byte, len(t.names))
	for i, name := range t.names {
		v, typ, err := t.result(name, s, results[name])
		if err != nil {
			return nil, fmt.Errorf("%s of topic %.249s: %w", t.part, r.Topic, data.InField(name, err))
		}
		out[name], types[i] = v, byte(typ)
	}
	if s != nil {
		s = t.schema(s, string(types))
	}
	return t.part.Replace(r, s, out), nil
}

// result returns v as the value of a field in structs of schema s, and of which type.
func (t *SetField) result(name string, s *data.Schema, v any) (any, typed, error) {
	if kind, ok := t.types[name]; ok {
		v, err := cast.Value(kind, times(v), v)
		return v, scalar(kind), err
	}
	if s == nil {
		return v, kept, nil
	}
	if f := s.Field(name); f != nil {
		fitted, ok, err := fit(f.Schema, v)
		if ok || err != nil {
			return fitted, kept, err
		}
	}
	typ, err := typeOf(v)
	return v, typ, err
}

// times is the schema that a time is cast by, nil for what is no time.
func times(v any) *data.Schema {
	if typ, err := typeOf(v); err == nil && typ == timestamp {
		return timestamp.schema()
	}
	return nil
}

// schema returns s with fields of the types, remembered so that equal records keep one
// schema. New fields come after the old ones, in the order of the configuration.
func (t *SetField) schema(s *data.Schema, types string) *data.Schema {
	key := made{s, types}
	if out, ok := t.schemas.Get(key); ok {
		return out
	}
	out := *s
	out.Default = nil // it lacks the new fields
	out.Fields = slices.Clone(s.Fields)
	for i, name := range t.names {
		typ := typed(types[i])
		if typ == kept {
			continue
		}
		if f := out.Field(name); f != nil {
			f.Schema = typ.schema()
		} else {
			out.Fields = append(out.Fields, data.Field{Name: name, Schema: typ.schema()})
		}
	}
	return t.schemas.PutSized(key, &out, 2*s.Size())
}
