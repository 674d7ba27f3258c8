package computed

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/cast"
)

// typed is the type of a result: a kind, or lists or maps of one kind.
//
//	bits 0-3  the kind, plus 1; 0 alone is kept
//	bit  4    a list of it
//	bit  5    a map from text to it
type typed byte

const (
	kept  typed = 0 // the field keeps its schema
	list  typed = 1 << 4
	named typed = 1 << 5

	timestamp = typed(data.Struct) + 1 // no result is a struct, so this kind is free
)

func scalar(kind data.Kind) typed { return typed(kind) + 1 }

// schema returns the optional schema of results of the type.
func (t typed) schema() *data.Schema {
	elem := &data.Schema{Kind: data.Kind(t&^(list|named)) - 1, Optional: true}
	if t&^(list|named) == timestamp {
		elem.Kind, elem.Name, elem.Version = data.Int64, data.TimestampName, 1
	}
	switch {
	case t&list != 0:
		return &data.Schema{Kind: data.Array, Optional: true, Elem: elem}
	case t&named != 0:
		return &data.Schema{Kind: data.Map, Optional: true, Key: &data.Schema{Kind: data.String}, Elem: elem}
	}
	return elem
}

var (
	errNoType = errors.New("null has no type, and there is a schema: give the field one in types, or use ?? for " +
		"another value")
	errEmpty     = errors.New("a list or map without values has no type, and there is a schema: set a field that has one")
	errSeveral   = errors.New("a list or map of several types needs a schema that is there: set its values as fields")
	errRequired  = errors.New("null is not in its schema: use ?? for another value, or give the field a type in types")
	errUnordered = errors.New("a map whose keys are not text has no schema: set its values as fields")
)

// typeOf returns the type of a result.
func typeOf(v any) (typed, error) {
	switch v := v.(type) {
	case nil:
		return 0, errNoType
	case bool:
		return scalar(data.Boolean), nil
	case string:
		return scalar(data.String), nil
	case []byte:
		return scalar(data.Bytes), nil
	case int8:
		return scalar(data.Int8), nil
	case int16:
		return scalar(data.Int16), nil
	case int32:
		return scalar(data.Int32), nil
	case float32:
		return scalar(data.Float32), nil
	case float64:
		return scalar(data.Float64), nil
	case time.Time:
		return timestamp, nil
	case []any:
		return typeOfAll(list, slices.Values(v))
	case map[string]any:
		return typeOfAll(named, maps.Values(v))
	case map[any]any:
		return 0, errUnordered
	}
	return scalar(data.Int64), nil
}

// typeOfAll returns the one type of all values but null, in a list or map.
func typeOfAll(in typed, values iter.Seq[any]) (typed, error) {
	one := kept
	for v := range values {
		if v == nil {
			continue
		}
		typ, err := typeOf(v)
		if err != nil {
			return 0, err
		}
		if typ >= list || one != kept && typ != one {
			return 0, errSeveral
		}
		one = typ
	}
	if one == kept {
		return 0, errEmpty
	}
	return in | one, nil
}

// fit returns v as a value of schema s, and whether its type is one of s. A value of
// the type that s does not hold is an error.
func fit(s *data.Schema, v any) (any, bool, error) {
	switch v := v.(type) {
	case nil:
		if !s.Optional {
			return nil, false, errRequired
		}
		return nil, true, nil
	case time.Time:
		if !s.IsTime() {
			return nil, false, nil
		}
		_, err := data.TimeNumber(s, v)
		return v, true, err
	case []any:
		if s.Kind != data.Array || s.Elem == nil {
			return nil, false, nil
		}
		return fitList(s.Elem, v)
	case map[string]any:
		return fitMap(s, v)
	}
	if s.IsTime() || s.Name == data.DecimalName {
		return nil, false, nil
	}
	return fitScalar(s.Kind, v)
}

func fitScalar(kind data.Kind, v any) (any, bool, error) {
	n, integer := data.AsInt(v)
	_, number := data.AsFloat(v)
	switch {
	case integer && kind.Bits() > 0:
		if !kind.Fits(n) {
			return nil, true, fmt.Errorf("%d does not fit %s: give the field a type in types", n, kind)
		}
		return kind.Sized(n), true, nil
	case number && (kind == data.Float32 || kind == data.Float64):
		out, err := cast.Value(kind, nil, v)
		return out, true, err
	}
	typ, err := typeOf(v)
	return v, err == nil && !number && typ == scalar(kind), nil
}

func fitList(elem *data.Schema, v []any) (any, bool, error) {
	out := make([]any, len(v))
	for i, item := range v {
		fitted, ok, err := fit(elem, item)
		if !ok || err != nil {
			return nil, false, err
		}
		out[i] = fitted
	}
	return out, true, nil
}

// fitMap takes maps for structs, too: expressions see structs as maps.
func fitMap(s *data.Schema, v map[string]any) (any, bool, error) {
	if s.Kind == data.Struct && !onlyFieldsOf(s, v) || s.Kind != data.Struct && !namesValues(s) {
		return nil, false, nil
	}
	out := make(map[string]any, len(v))
	put := func(name string, fs *data.Schema) (bool, error) {
		fitted, ok, err := fit(fs, v[name])
		out[name] = fitted
		return ok && err == nil, err
	}
	if s.Kind == data.Struct {
		for _, f := range s.Fields {
			if ok, err := put(f.Name, f.Schema); !ok {
				return nil, false, err
			}
		}
		return out, true, nil
	}
	for name := range v {
		if ok, err := put(name, s.Elem); !ok {
			return nil, false, err
		}
	}
	return out, true, nil
}

func namesValues(s *data.Schema) bool {
	return s.Kind == data.Map && s.Key != nil && s.Key.Kind == data.String && s.Elem != nil
}

func onlyFieldsOf(s *data.Schema, v map[string]any) bool {
	for name := range v {
		if s.Field(name) == nil {
			return false
		}
	}
	return true
}
