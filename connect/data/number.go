package data

import (
	"encoding/json"
	"strconv"
)

// AsInt returns v as int64 if it is of an integer type, or a json.Number that
// is one.
func AsInt(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case int16:
		return int64(v), true
	case int8:
		return int64(v), true
	case int:
		return int64(v), true
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// AsFloat returns v as float64 if it is of a number type, or a json.Number
// that a float64 has room for.
func AsFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	n, ok := AsInt(v)
	return float64(n), ok
}

// Bits returns the size of an integer kind, 0 for any other.
func (k Kind) Bits() int {
	switch k {
	case Int8:
		return 8
	case Int16:
		return 16
	case Int32:
		return 32
	case Int64:
		return 64
	}
	return 0
}

// Fits reports whether an integer kind holds n.
func (k Kind) Fits(n int64) bool {
	bits := k.Bits()
	return bits > 0 && n>>(bits-1) == n>>63
}

// Sized gives n, which must fit, the Go type of an integer kind.
func (k Kind) Sized(n int64) any {
	switch k {
	case Int8:
		return int8(n)
	case Int16:
		return int16(n)
	case Int32:
		return int32(n)
	default:
		return n
	}
}
