package jsonschema

import (
	"encoding/base64"
	stdjson "encoding/json"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/json"
)

// branch returns the field of a union that a JSON value belongs to: the first whose type
// is that of the value, or of several objects the one that has most of the members.
func branch(s *data.Schema, text []byte) *data.Field {
	v, err := json.Decode(text, nil, false)
	if err != nil {
		return nil
	}
	return branchOf(s, v)
}

func branchOf(s *data.Schema, v any) *data.Field {
	var best *data.Field
	most := -1
	for i := range s.Fields {
		f := &s.Fields[i]
		if isA(f.Schema, v) || isUnion(f.Schema) && branchOf(f.Schema, v) != nil {
			return f
		}
		if n, ok := members(f.Schema, v); ok && n > most {
			best, most = f, n
		}
	}
	object, _ := v.(map[string]any)
	if most == 0 && len(object) > 0 {
		return nil // none of them has any of its members
	}
	return best
}

// isA reports whether a value, as it is without a schema, is of a type that is not a
// STRUCT.
func isA(s *data.Schema, v any) bool {
	switch v := v.(type) {
	case bool:
		return s.Kind == data.Boolean
	case string:
		if s.Kind != data.Bytes {
			return s.Kind == data.String
		}
		_, err := base64.StdEncoding.DecodeString(v)
		return err == nil
	case int64:
		return isNumber(s) || s.Kind <= data.Int64
	case float64, stdjson.Number:
		return isNumber(s)
	case []any:
		return s.Kind == data.Array || s.Kind == data.Map && !isNamed(s)
	case map[string]any:
		return s.Kind == data.Map && isNamed(s)
	}
	return false
}

// isNumber reports whether any number is of a schema.
func isNumber(s *data.Schema) bool {
	return s.Kind == data.Float32 || s.Kind == data.Float64 || s.Kind == data.Bytes && s.Name == data.DecimalName
}

// members counts the members of an object that are fields of a STRUCT, those of its
// STRUCTs included.
func members(s *data.Schema, v any) (n int, ok bool) {
	object, ok := v.(map[string]any)
	if !ok || s.Kind != data.Struct || isUnion(s) {
		return 0, false
	}
	for _, f := range s.Fields {
		member, has := object[f.Name]
		if !has {
			continue
		}
		inner, _ := members(f.Schema, member)
		n += 1 + inner
	}
	return n, true
}
