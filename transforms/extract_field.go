package transforms

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*ExtractField)(nil)

// ExtractField puts a field in the place of the whole key or value.
type ExtractField struct {
	part        Part
	name        string // as it was configured
	path        smt.Path
	replaceNull bool
	schemas     smt.Schemas
}

// ExtractFieldConfig is the configuration of an [ExtractField].
type ExtractFieldConfig struct {
	// Field is the field to extract.
	Field string `config:"field"`
	// Syntax is V1 or V2; in V2 Field is a path, and empty means V1.
	Syntax string `config:"field.syntax.version"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// ExtractFieldKeyPlugin describes ExtractField on keys as a worker loads it.
func ExtractFieldKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("ExtractField$Key", "Puts one field of keys in the place of the whole.",
		extractFieldDef(), validateExtractField, smt.On(Key, NewExtractField))
}

// ExtractFieldValuePlugin describes ExtractField on values as a worker loads it.
func ExtractFieldValuePlugin() connect.TransformPlugin {
	return smt.Plugin("ExtractField$Value", "Puts one field of values in the place of the whole.",
		extractFieldDef(), validateExtractField, smt.On(Value, NewExtractField))
}

func extractFieldDef() *config.Def {
	return config.New(
		config.Key{Name: "field", Type: config.String, Required: true, Valid: config.NonEmpty(),
			Importance: config.Medium, Doc: "The field to extract."},
		smt.Syntax(),
		smt.ReplaceNull(),
	)
}

func validateExtractField(v config.Values) config.Errors {
	var c ExtractFieldConfig
	v.Decode(&c)
	if _, err := NewExtractField(Value, c); err != nil {
		return config.Errors{config.Errorf("field", c.Field, "%v", err)}
	}
	return nil
}

// NewExtractField returns an ExtractField, or an error about its path.
func NewExtractField(p Part, c ExtractFieldConfig) (*ExtractField, error) {
	path, err := smt.ParsePath(c.Field, c.Syntax)
	if err != nil {
		return nil, err
	}
	return &ExtractField{part: p, name: c.Field, path: path, replaceNull: c.ReplaceNull}, nil
}

// Apply returns r with the field in the place of the data around it, null for null. A
// field that is not there is an error with a schema, and null without one.
func (t *ExtractField) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil {
		return nil, err
	}
	if m == nil {
		if s, _, _ = t.part.Decode(r); s == nil || s.Kind != data.Struct {
			return r, nil
		}
	}
	field := t.path.Field(s)
	if s != nil && field == nil {
		return nil, fmt.Errorf("%s of topic %s has no field %.80q: correct the name, or use a predicate that leaves "+
			"the topic out", t.part, r.Topic, t.name)
	}
	v, err := t.path.Get(s, m, t.replaceNull && m != nil)
	if err != nil {
		return nil, err
	}
	if field != nil && v == nil && !field.Optional {
		field = t.schemas.Of(field, smt.Optional)
	}
	return t.part.Replace(r, field, v), nil
}
