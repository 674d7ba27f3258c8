package jsonconv

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
)

// appendValue appends v, which is of schema s, or of none when s is nil.
func (c *Converter) appendValue(b []byte, s *data.Schema, v any) ([]byte, error) {
	if s == nil {
		return c.appendPlain(b, v)
	}
	if v == nil && s.Default != nil && c.defalt {
		v = s.Default
	}
	if v == nil {
		if !s.Optional {
			return b, fmt.Errorf("%w: null for %v, which is not optional", ErrValue, s.Kind)
		}
		return append(b, "null"...), nil
	}
	switch s.Kind {
	case data.Struct:
		return c.appendStruct(b, s, v)
	case data.Map:
		return c.appendMap(b, s, v)
	case data.Array:
		list, ok := v.([]any)
		if !ok {
			return b, mismatch(s, v)
		}
		return c.appendList(b, s.Elem, list)
	}
	switch v := v.(type) {
	case time.Time:
		n, err := data.TimeNumber(s, v)
		if err != nil {
			return b, fmt.Errorf("%w: %w", ErrValue, err)
		}
		return strconv.AppendInt(b, n, 10), nil
	case *big.Rat:
		return c.appendDecimal(b, s, v)
	}
	if !fits(s.Kind, v) {
		return b, mismatch(s, v)
	}
	return c.appendPlain(b, v)
}

// fits reports whether v is of the Go type that package data gives the kind.
// Integers of another size are let through when the kind can hold them.
func fits(k data.Kind, v any) bool {
	switch k {
	case data.Boolean:
		_, ok := v.(bool)
		return ok
	case data.String:
		_, ok := v.(string)
		return ok
	case data.Bytes:
		_, ok := v.([]byte)
		return ok
	case data.Float32, data.Float64:
		switch v.(type) {
		case float32, float64, json.Number:
			return true
		}
		_, ok := data.AsInt(v)
		return ok
	}
	n, ok := data.AsInt(v)
	return ok && k.Fits(n)
}

func mismatch(s *data.Schema, v any) error {
	return fmt.Errorf("%w: %T for %v %s", ErrValue, v, s.Kind, s.Name)
}

func (c *Converter) appendStruct(b []byte, s *data.Schema, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return b, mismatch(s, v)
	}
	found := 0
	b = append(b, '{')
	for i, f := range s.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		value, ok := m[f.Name]
		if ok {
			found++
		}
		b = append(jsontext.AppendString(b, f.Name), ':')
		var err error
		if b, err = c.appendValue(b, f.Schema, value); err != nil {
			return b, inField(f.Name, err)
		}
	}
	if found < len(m) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if s.Field(k) == nil {
				return b, fmt.Errorf("%w: field %.80q is not in the schema", ErrValue, k)
			}
		}
	}
	return append(b, '}'), nil
}

// appendMap writes an object where the schema has string keys, else pairs.
func (c *Converter) appendMap(b []byte, s *data.Schema, v any) ([]byte, error) {
	switch m := v.(type) {
	case map[string]any:
		return c.appendObject(b, s.Elem, m)
	case map[any]any:
		if s.Key.Kind != data.String || s.Key.Optional {
			return c.appendPairs(b, s.Key, s.Elem, m)
		}
	}
	return b, mismatch(s, v)
}

func (c *Converter) appendObject(b []byte, elem *data.Schema, m map[string]any) ([]byte, error) {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(jsontext.AppendString(b, k), ':')
		var err error
		if b, err = c.appendValue(b, elem, m[k]); err != nil {
			return b, inField(k, err)
		}
	}
	return append(b, '}'), nil
}

func (c *Converter) appendPairs(b []byte, key, elem *data.Schema, m map[any]any) ([]byte, error) {
	pairs := make([]string, 0, len(m))
	for k, v := range m {
		p, err := c.appendValue([]byte{'['}, key, k)
		if err != nil {
			return b, fmt.Errorf("key %.80q: %w", fmt.Sprint(k), err)
		}
		if p, err = c.appendValue(append(p, ','), elem, v); err != nil {
			return b, inField(fmt.Sprint(k), err)
		}
		pairs = append(pairs, string(append(p, ']')))
	}
	slices.Sort(pairs)
	b = append(b, '[')
	for i, p := range pairs {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, p...)
	}
	return append(b, ']'), nil
}

func (c *Converter) appendList(b []byte, elem *data.Schema, list []any) ([]byte, error) {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = c.appendValue(b, elem, v); err != nil {
			return b, inField(strconv.Itoa(i), err)
		}
	}
	return append(b, ']'), nil
}

// appendPlain appends v by its Go type.
func (c *Converter) appendPlain(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return jsontext.AppendString(b, v), nil
	case []byte:
		b = append(b, '"')
		return append(base64.StdEncoding.AppendEncode(b, v), '"'), nil
	case float64:
		return appendFloat(b, v, 64), nil
	case float32:
		return appendFloat(b, float64(v), 32), nil
	case json.Number:
		if ok, _ := jsontext.IsNumber([]byte(v)); !ok {
			return b, fmt.Errorf("%w: %.40q is no number", ErrValue, string(v))
		}
		return append(b, v...), nil
	case time.Time:
		return strconv.AppendInt(b, v.UnixMilli(), 10), nil
	case map[string]any:
		return c.appendObject(b, nil, v)
	case map[any]any:
		return c.appendPairs(b, nil, nil, v)
	case []any:
		return c.appendList(b, nil, v)
	}
	if n, ok := data.AsInt(v); ok {
		return strconv.AppendInt(b, n, 10), nil
	}
	return b, fmt.Errorf("%w: no schema, and %T has no JSON of its own", ErrValue, v)
}

// appendFloat writes what JSON has no number for as text, as Java does.
func appendFloat(b []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(b, `"-Infinity"`...)
	}
	return jsontext.AppendFloat(b, f, bits)
}

func (c *Converter) appendDecimal(b []byte, s *data.Schema, r *big.Rat) ([]byte, error) {
	if s.Name != data.DecimalName {
		return b, mismatch(s, r)
	}
	scale, err := s.Scale()
	if err != nil {
		return b, fmt.Errorf("%w: %w", ErrValue, err)
	}
	raw, err := data.DecimalBytes(r, scale)
	if err != nil {
		return b, fmt.Errorf("%w: %w", ErrValue, err)
	}
	if c.numeric {
		return append(b, r.FloatString(max(scale, 0))...), nil
	}
	return c.appendPlain(b, raw)
}
