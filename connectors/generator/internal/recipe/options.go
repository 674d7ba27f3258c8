package recipe

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// optionsOf makes one of several values that the schema lists, each as often as the others.
func optionsOf(a properties, s *data.Schema) node {
	list, ok := a.raw["options"].([]any)
	switch {
	case !ok:
		a.errorf("options", "must be a list of values; a file with them is not read")
		return nothing
	case len(list) == 0:
		a.errorf("options", "must have at least one value")
		return nothing
	}
	codec, err := avro.NewCodec(s)
	if err != nil {
		a.errorf("options", "%v", err)
		return nothing
	}
	values, most := make([]any, len(list)), 0
	for i, raw := range list {
		v, err := valueIn(s, raw)
		var encoded []byte
		if err == nil {
			encoded, err = codec.Append(nil, v)
		}
		if err != nil {
			a.errorf("options", "%s: %v", shown(raw), err)
		}
		values[i], most = v, max(most, each+len(encoded))
	}
	return leaf(most, func(d *die) any { return values[d.IntN(len(values))] })
}

// valueIn makes a value of the schema of one in JSON. That an enum has the symbol, and a fixed the
// size, is checked when it is encoded.
func valueIn(s *data.Schema, raw any) (any, error) {
	if raw == nil && s.Optional {
		return nil, nil
	}
	if n, ok := raw.(json.Number); ok {
		return numberIn(s, n)
	}
	switch v := raw.(type) {
	case bool:
		if s.Kind == data.Boolean {
			return v, nil
		}
	case string:
		if s.Kind == data.Bytes && s.Name == "" {
			return []byte(v), nil
		}
		if s.Kind == data.String {
			return v, nil
		}
	case []any:
		if s.Kind == data.Array {
			return listIn(s, v)
		}
	case map[string]any:
		switch s.Kind {
		case data.Map:
			return mapIn(s, v)
		case data.Struct:
			return structIn(s, v)
		}
	}
	return nil, fmt.Errorf("%s where the type is %s", data.Describe(raw), s.Kind)
}

// numberIn makes a number or a time.
func numberIn(s *data.Schema, n json.Number) (any, error) {
	r := ratOf(n)
	switch s.Kind {
	case data.Int8, data.Int16, data.Int32, data.Int64:
		low, high := limits(s)
		i, err := strconv.ParseInt(n.String(), 10, 64)
		if err != nil || i < low || i > high {
			return nil, fmt.Errorf("want a whole number from %d to %d", low, high)
		}
		return valueOf(s, i), nil
	case data.Float32, data.Float64:
		if r == nil {
			break
		}
		f, _ := r.Float64()
		if s.Kind == data.Float64 {
			return f, nil
		}
		if math.Abs(f) <= math.MaxFloat32 {
			return float32(f), nil
		}
	case data.Bytes:
		if r != nil && s.Name == data.DecimalName {
			return r, nil
		}
	}
	return nil, fmt.Errorf("a number that the type %s does not hold", s.Kind)
}

func listIn(s *data.Schema, raw []any) (any, error) {
	out := make([]any, len(raw))
	for i, r := range raw {
		v, err := valueIn(s.Elem, r)
		if err != nil {
			return nil, data.InField(strconv.Itoa(i), err)
		}
		out[i] = v
	}
	return out, nil
}

func mapIn(s *data.Schema, raw map[string]any) (any, error) {
	out := make(map[string]any, len(raw))
	for _, k := range sortedKeys(raw) {
		v, err := valueIn(s.Elem, raw[k])
		if err != nil {
			return nil, data.InField(k, err)
		}
		out[k] = v
	}
	return out, nil
}

// structIn makes a record, whose missing fields have their defaults.
func structIn(s *data.Schema, raw map[string]any) (any, error) {
	out := make(map[string]any, len(s.Fields))
	for _, f := range s.Fields {
		r, there := raw[f.Name]
		if !there && (f.Schema.Default != nil || f.Schema.Optional) {
			out[f.Name] = f.Schema.Default
			continue
		}
		if !there {
			return nil, fmt.Errorf("the field %q is missing", f.Name)
		}
		v, err := valueIn(f.Schema, r)
		if err != nil {
			return nil, data.InField(f.Name, err)
		}
		out[f.Name] = v
	}
	for _, k := range sortedKeys(raw) {
		if s.Field(k) == nil {
			return nil, fmt.Errorf("there is no field %q", k)
		}
	}
	return out, nil
}
