package data

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"slices"
	"time"
)

// ErrInvalid is the cause of an error about a value that does not fit its
// schema, or that is not Connect's data.
var ErrInvalid = errors.New("invalid data")

// Pairs are the entries of a MAP whose keys Go cannot compare: bytes, decimals,
// lists, maps and structs. No two have [Equal] keys.
type Pairs []Pair

// Pair is one entry of a map.
type Pair struct {
	// Key may be any value.
	Key any
	// Value may be any value, null included.
	Value any
}

// Describe says what v is in the words of an error for operators: "a string",
// "a list".
func Describe(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []byte:
		return "bytes"
	case float32, float64:
		return "a float"
	case json.Number:
		return "a number"
	case *big.Rat:
		return "a decimal"
	case time.Time:
		return "a time"
	case []any:
		return "a list"
	case map[string]any, map[any]any, Pairs:
		return "a map"
	}
	if _, ok := AsInt(v); ok {
		return "an integer"
	}
	return "a value that is not Connect's data"
}

// Equal reports whether two values are the same: of the same type, NaN equal to
// NaN, times by the instant and decimals by the number, as Java's equals has it. A
// value that is not Connect's data equals none.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case []byte:
		b, ok := b.([]byte)
		return ok && string(a) == string(b)
	case float64:
		b, ok := b.(float64)
		return ok && sameFloat(a, b)
	case float32:
		b, ok := b.(float32)
		return ok && sameFloat(float64(a), float64(b))
	case *big.Rat:
		b, ok := b.(*big.Rat)
		return ok && a.Cmp(b) == 0
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && equalMaps(a, b)
	case map[any]any:
		b, ok := b.(map[any]any)
		return ok && equalMaps(a, b)
	case Pairs:
		b, ok := b.(Pairs)
		return ok && equalPairs(a, b)
	}
	switch a.(type) {
	case nil, bool, string, json.Number, int, int8, int16, int32, int64:
		return a == b
	}
	return false // Go may be unable to compare it
}

// sameFloat distinguishes 0 from -0, and takes every NaN for the same, as Java's Double.equals does.
func sameFloat(a, b float64) bool {
	return a == b && math.Signbit(a) == math.Signbit(b) || a != a && b != b
}

func equalMaps[K comparable](a, b map[K]any) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if other, ok := b[k]; !ok || !Equal(v, other) {
			return false
		}
	}
	return true
}

// equalPairs compares entries with those whose keys have the same text: comparing each
// with each would take the square of their number.
func equalPairs(a, b Pairs) bool {
	if len(a) != len(b) {
		return false
	}
	byText := make(map[string]Pairs, len(b))
	for _, p := range b {
		name := keyText(p.Key)
		byText[name] = append(byText[name], p)
	}
	for _, p := range a {
		same := func(q Pair) bool { return Equal(p.Key, q.Key) && Equal(p.Value, q.Value) }
		if !slices.ContainsFunc(byText[keyText(p.Key)], same) {
			return false
		}
	}
	return true
}

// keyText is the same for equal keys. It is empty for what is not Connect's data.
func keyText(key any) string {
	text, err := AppendJSON(nil, nil, key, JSONOptions{})
	if err != nil {
		return ""
	}
	return string(text)
}
