package transforms

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/cast"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*Cast)(nil)

// Cast turns fields, or the whole key or value, into another type. A value that the
// type does not hold is an error.
type Cast struct {
	part        Part
	fields      *smt.Tree[data.Kind] // nil for the whole key or value
	whole       data.Kind
	replaceNull bool
	schemas     smt.Schemas
}

// CastConfig is the configuration of a [Cast].
type CastConfig struct {
	// Spec are fields and their types with a colon between, or one type alone for the
	// whole key or value: int8, int16, int32, int64, float32, float64, boolean, string.
	Spec []string `config:"spec"`
	// Syntax is V1 or V2; in V2 names are paths, and empty means V1.
	Syntax string `config:"field.syntax.version"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// CastKeyPlugin describes Cast on keys as a worker loads it.
func CastKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("Cast$Key", "Turns a key or fields of it into another type.", castDef(), validateCast,
		smt.On(Key, NewCast))
}

// CastValuePlugin describes Cast on values as a worker loads it.
func CastValuePlugin() connect.TransformPlugin {
	return smt.Plugin("Cast$Value", "Turns a value or fields of it into another type.", castDef(), validateCast,
		smt.On(Value, NewCast))
}

func castDef() *config.Def {
	return config.New(
		config.Key{Name: "spec", Type: config.List, Required: true, Valid: config.NonEmpty(),
			Doc: "Fields and their types, field:type,…; or one type alone for the whole key or value. Types are int8, " +
				"int16, int32, int64, float32, float64, boolean and string."},
		smt.Syntax(),
		smt.ReplaceNull(),
	)
}

func validateCast(v config.Values) config.Errors {
	var c CastConfig
	v.Decode(&c)
	if _, err := NewCast(Value, c); err != nil {
		return config.Errors{config.Errorf("spec", strings.Join(c.Spec, ","), "%v", err)}
	}
	return nil
}

// NewCast returns a Cast, or an error about its fields and types.
func NewCast(p Part, c CastConfig) (*Cast, error) {
	t := &Cast{part: p, replaceNull: c.ReplaceNull}
	for _, item := range c.Spec {
		name, typ, ok := strings.Cut(item, ":")
		if !ok {
			typ = name
		}
		kind, known := cast.Kinds[strings.ToLower(strings.TrimSpace(typ))]
		name = strings.TrimSpace(name)
		switch {
		case !known:
			return nil, fmt.Errorf("%q: want field:type, or a type alone, with a type of int8, int16, int32, int64, "+
				"float32, float64, boolean and string", item)
		case !ok && len(c.Spec) > 1:
			return nil, fmt.Errorf("%q: a type without a field is for the whole %s, and must stand alone", item, p)
		case !ok:
			t.whole = kind
			return t, nil
		case name == "":
			return nil, fmt.Errorf("%q: the name of the field is missing", item)
		}
		path, err := smt.ParsePath(name, c.Syntax)
		if err != nil {
			return nil, err
		}
		if t.fields == nil {
			t.fields = &smt.Tree[data.Kind]{}
		}
		if err := t.fields.Add(path, kind); err != nil {
			return nil, err
		}
	}
	if t.fields == nil {
		return nil, errNoCast
	}
	return t, nil
}

var errNoCast = fmt.Errorf("name at least one field with a type: %w", config.Errors{config.MissingKey("spec")})

// Apply returns r with its data in other types.
func (t *Cast) Apply(r *connect.Record) (*connect.Record, error) {
	if t.fields == nil {
		return t.applyWhole(r)
	}
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out, err := t.fields.Edit(s, m, t.replaceNull, cast.Value)
	if err != nil {
		return nil, err
	}
	return t.part.Replace(r, t.schemas.Of(s, t.schema), out), nil
}

func (t *Cast) applyWhole(r *connect.Record) (*connect.Record, error) {
	s, v, err := t.part.Decode(r)
	if err != nil || v == nil {
		return r, err
	}
	out, err := cast.Value(t.whole, s, v)
	if err != nil {
		return nil, fmt.Errorf("%s of topic %s: %w", t.part, r.Topic, err)
	}
	return t.part.Replace(r, t.schemas.Of(s, t.wholeSchema), out), nil
}

func (t *Cast) schema(s *data.Schema) *data.Schema {
	return t.fields.Schema(s, cast.Schema, cast.Value)
}

// wholeSchema keeps what the schema says beside the type, as its name.
func (t *Cast) wholeSchema(s *data.Schema) *data.Schema {
	out := cast.Schema(t.whole, s)
	if s.Name == data.DecimalName || s.IsTime() {
		return out // the name would still say that it is one
	}
	out.Name, out.Version, out.Doc, out.Parameters = s.Name, s.Version, s.Doc, s.Parameters
	return out
}
