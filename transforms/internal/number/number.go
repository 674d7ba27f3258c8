// Package number reads and makes the numbers of Connect's data, whatever size
// they come in.
package number

import (
	"encoding/json"
	"strconv"

	"github.com/suiro/suiro/connect/data"
)

// Int returns v as int64 if it is of an integer type, or digits that are one.
func Int(v any) (int64, bool) {
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

// Float returns v as float64 if it is of a number type, or digits that are one.
func Float(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case float32:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	n, ok := Int(v)
	return float64(n), ok
}

// Bits returns the size of an integer kind, 0 for any other.
func Bits(k data.Kind) int {
	switch k {
	case data.Int8:
		return 8
	case data.Int16:
		return 16
	case data.Int32:
		return 32
	case data.Int64:
		return 64
	}
	return 0
}

// Fits reports whether an integer kind holds n.
func Fits(k data.Kind, n int64) bool {
	bits := Bits(k)
	return bits > 0 && n>>(bits-1) == n>>63
}

// Sized gives n, which must fit, the Go type of an integer kind.
func Sized(k data.Kind, n int64) any {
	switch k {
	case data.Int8:
		return int8(n)
	case data.Int16:
		return int16(n)
	case data.Int32:
		return int32(n)
	default:
		return n
	}
}
