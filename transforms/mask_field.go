package transforms

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/cast"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*MaskField)(nil)

// MaskField replaces the values of fields: by 0, false, empty text and the like, or
// by a text or number that is configured. Null stays null.
type MaskField struct {
	part        Part
	fields      *smt.Tree[struct{}]
	replacement string   // empty for none
	number      *big.Rat // of replacement, nil when it is none
	replaceNull bool
}

// MaskFieldConfig is the configuration of a [MaskField].
type MaskFieldConfig struct {
	// Fields are the fields to mask.
	Fields []string `config:"fields"`
	// Replacement is the new value of text and numbers. When it is empty, they become
	// empty and 0.
	Replacement string `config:"replacement"`
	// Syntax is V1 or V2; in V2 Fields are paths, and empty means V1.
	Syntax string `config:"field.syntax.version"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// MaskFieldKeyPlugin describes MaskField on keys as a worker loads it.
func MaskFieldKeyPlugin() connect.TransformPlugin {
	return smt.Plugin("MaskField$Key", "Replaces the values of fields of keys by 0, empty text or a replacement.",
		maskFieldDef(), validateMaskField, smt.On(Key, NewMaskField))
}

// MaskFieldValuePlugin describes MaskField on values as a worker loads it.
func MaskFieldValuePlugin() connect.TransformPlugin {
	return smt.Plugin("MaskField$Value", "Replaces the values of fields of values by 0, empty text or a replacement.",
		maskFieldDef(), validateMaskField, smt.On(Value, NewMaskField))
}

func maskFieldDef() *config.Def {
	return config.New(
		config.Key{Name: "fields", Type: config.List, Required: true, Valid: config.NonEmpty(),
			Doc: "The fields to mask."},
		config.Key{Name: "replacement", Type: config.String, Valid: config.NonEmpty(), Importance: config.Low,
			Doc: "New value of the fields, which must be text or numbers; without one they become 0, false or empty."},
		smt.Syntax(),
		smt.ReplaceNull(),
	)
}

func validateMaskField(v config.Values) config.Errors {
	var c MaskFieldConfig
	v.Decode(&c)
	if _, err := NewMaskField(Value, c); err != nil {
		return config.Errors{config.Errorf("fields", strings.Join(c.Fields, ","), "%v", err)}
	}
	return nil
}

// NewMaskField returns a MaskField, or an error about its fields.
func NewMaskField(p Part, c MaskFieldConfig) (*MaskField, error) {
	t := &MaskField{part: p, replacement: c.Replacement, replaceNull: c.ReplaceNull, fields: &smt.Tree[struct{}]{},
		number: cast.Decimal(c.Replacement)}
	for _, name := range c.Fields {
		path, err := smt.ParsePath(name, c.Syntax)
		if err != nil {
			return nil, err
		}
		if err := t.fields.Add(path, struct{}{}); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Apply returns r with the fields masked.
func (t *MaskField) Apply(r *connect.Record) (*connect.Record, error) {
	s, m, err := t.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out, err := t.fields.Edit(s, m, t.replaceNull, t.mask)
	if err != nil {
		return nil, err
	}
	return t.part.Replace(r, s, out), nil
}

var errStruct = errors.New("a struct cannot be masked: name the fields in it, with field.syntax.version=V2")

func (t *MaskField) mask(_ struct{}, s *data.Schema, v any) (any, error) {
	switch {
	case v == nil:
		return nil, nil
	case s != nil && s.Kind == data.Struct:
		return nil, errStruct
	case t.replacement != "":
		return t.replaced(v)
	}
	switch v := v.(type) {
	case bool:
		return false, nil
	case float32:
		return float32(0), nil
	case float64:
		return 0.0, nil
	case json.Number:
		if strings.ContainsAny(string(v), ".eE") {
			return 0.0, nil
		}
		return int64(0), nil
	case *big.Rat:
		return new(big.Rat), nil
	case time.Time:
		return time.Unix(0, 0).UTC(), nil
	case string:
		return "", nil
	case []byte:
		return []byte{}, nil
	case []any:
		return []any{}, nil
	case map[any]any:
		return map[any]any{}, nil
	case data.Pairs:
		return data.Pairs{}, nil
	case map[string]any:
		return map[string]any{}, nil
	}
	return cast.Value(kindOf(v), nil, int64(0))
}

// replaced returns the replacement as a value of the type of v.
func (t *MaskField) replaced(v any) (any, error) {
	switch v.(type) {
	case string:
		return t.replacement, nil
	case bool, time.Time, []byte, []any, map[any]any, data.Pairs, map[string]any:
		return nil, fmt.Errorf("%s cannot be replaced by %.40q: a replacement is for text and numbers; mask this field "+
			"by a transform of its own, without a replacement", data.Describe(v), t.replacement)
	}
	kind := kindOf(v)
	_, decimal := v.(*big.Rat)
	switch {
	case t.number == nil || !decimal && kind.Bits() > 0 && !t.number.IsInt():
		return nil, fmt.Errorf("%s cannot be replaced by %.40q: want a number of its type", data.Describe(v), t.replacement)
	case decimal:
		return t.number, nil
	}
	return cast.Value(kind, nil, t.number)
}

// kindOf returns the kind of a number.
func kindOf(v any) data.Kind {
	switch v.(type) {
	case int8:
		return data.Int8
	case int16:
		return data.Int16
	case int32:
		return data.Int32
	case float32:
		return data.Float32
	case float64:
		return data.Float64
	case json.Number: // one that is not an int64
		return data.Float64
	}
	return data.Int64
}
