package expression

import (
	"fmt"
	"math"
	"reflect"
	"time"
)

// result returns what an expression gave as Connect's data without a schema.
func result(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, []byte, int8, int16, int32, int64, float32, float64, time.Time:
		return v, nil
	case int:
		return int64(v), nil
	case time.Duration:
		return v.Milliseconds(), nil
	}
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return r.Int(), nil
	case r.CanUint() && r.Uint() <= math.MaxInt64:
		return int64(r.Uint()), nil
	case r.Kind() == reflect.Slice:
		return resultList(r)
	case r.Kind() == reflect.Map:
		return resultMap(r)
	}
	return nil, fmt.Errorf("it gives a %s, which is no value of a record", r.Kind())
}

func resultList(r reflect.Value) (any, error) {
	out := make([]any, r.Len())
	for i := range out {
		v, err := result(r.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// resultMap keeps maps with text as keys.
func resultMap(r reflect.Value) (any, error) {
	named, other := map[string]any{}, map[any]any{}
	for at := r.MapRange(); at.Next(); {
		k, err := result(at.Key().Interface())
		if err != nil {
			return nil, err
		}
		v, err := result(at.Value().Interface())
		if err != nil {
			return nil, err
		}
		other[k] = v
		if name, ok := k.(string); ok {
			named[name] = v
		}
	}
	if len(named) == len(other) {
		return named, nil
	}
	return other, nil
}
