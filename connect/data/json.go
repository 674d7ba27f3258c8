package data

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

	"github.com/suiro/suiro/internal/jsontext"
)

// JSONOptions changes what [AppendJSON] writes. The zero value is the default of
// Kafka Connect's JsonConverter.
type JSONOptions struct {
	// NumericDecimals writes decimals as numbers (decimal.format=NUMERIC).
	// Default: base64 text of the unscaled number.
	NumericDecimals bool
	// KeepNulls writes null for a null whose schema has a default
	// (replace.null.with.default=false). Default: the default is written.
	KeepNulls bool
}

// AppendJSON appends v, which is of schema s or of none when s is nil, as Kafka
// Connect's JsonConverter writes a value without its schema. It is the one JSON
// form of Connect's data:
//
//	bytes                    base64 text
//	Decimal                  see [JSONOptions]; a number when there is no schema
//	Date                     days since 1970
//	Time, Timestamp          milliseconds
//	map with string keys     object, sorted by key
//	map with other keys      array of [key, value], sorted by their text
//	NaN, infinities          the strings "NaN", "Infinity", "-Infinity"
//
// A value that does not fit its schema is an error that is [ErrInvalid]; dst then
// comes back with part of it.
func AppendJSON(dst []byte, s *Schema, v any, o JSONOptions) ([]byte, error) {
	if s == nil {
		return o.plain(dst, v)
	}
	if v == nil && s.Default != nil && !o.KeepNulls {
		v = s.Default
	}
	if v == nil {
		if !s.Optional {
			return dst, fmt.Errorf("%w: null for %v, which is not optional", ErrInvalid, s.Kind)
		}
		return append(dst, "null"...), nil
	}
	switch s.Kind {
	case Struct:
		return o.structure(dst, s, v)
	case Map:
		return o.mapping(dst, s, v)
	case Array:
		if list, ok := v.([]any); ok {
			return o.list(dst, s.Elem, list)
		}
		return dst, mismatch(s, v)
	}
	return o.scalar(dst, s, v)
}

func mismatch(s *Schema, v any) error {
	kind := s.Kind.String()
	if s.Name != "" {
		kind += " " + s.Name
	}
	return fmt.Errorf("%w: %s for %.200s", ErrInvalid, Describe(v), kind)
}

// scalar appends v as its schema has it. A number of another size is written if
// the schema's kind can hold it.
func (o JSONOptions) scalar(dst []byte, s *Schema, v any) ([]byte, error) {
	switch v := v.(type) {
	case time.Time:
		n, err := TimeNumber(s, v)
		return strconv.AppendInt(dst, n, 10), err
	case *big.Rat:
		return o.decimal(dst, s, v)
	case bool:
		if s.Kind == Boolean {
			return strconv.AppendBool(dst, v), nil
		}
		return dst, mismatch(s, v)
	case string:
		if s.Kind == String {
			return jsontext.AppendString(dst, v), nil
		}
		return dst, mismatch(s, v)
	case []byte:
		if s.Kind == Bytes {
			return appendBase64(dst, v), nil
		}
		return dst, mismatch(s, v)
	}
	switch s.Kind {
	case Float32, Float64:
		if f, ok := AsFloat(v); ok && fitsFloat(s.Kind, f) {
			return appendFloat(dst, f, floatBits(s.Kind)), nil
		}
	case Int8, Int16, Int32, Int64:
		if n, ok := AsInt(v); ok && s.Kind.Fits(n) {
			return strconv.AppendInt(dst, n, 10), nil
		}
	}
	return dst, mismatch(s, v)
}

// fitsFloat reports whether f does not become infinite as a float of the kind.
func fitsFloat(k Kind, f float64) bool {
	return k == Float64 || math.IsInf(f, 0) || !math.IsInf(float64(float32(f)), 0)
}

func floatBits(k Kind) int {
	if k == Float32 {
		return 32
	}
	return 64
}

// decimal writes r with the decimals of its schema and nothing rounded.
func (o JSONOptions) decimal(dst []byte, s *Schema, r *big.Rat) ([]byte, error) {
	if s.Name != DecimalName || s.Kind != Bytes {
		return dst, mismatch(s, r)
	}
	scale, err := s.Scale()
	if err != nil {
		return dst, err
	}
	raw, err := DecimalBytes(r, scale)
	if err != nil {
		return dst, err
	}
	if o.NumericDecimals {
		return append(dst, r.FloatString(max(scale, 0))...), nil
	}
	return appendBase64(dst, raw), nil
}

func (o JSONOptions) structure(dst []byte, s *Schema, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return dst, mismatch(s, v)
	}
	found := 0
	dst = append(dst, '{')
	for i, f := range s.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		value, ok := m[f.Name]
		if ok {
			found++
		}
		dst = append(jsontext.AppendString(dst, f.Name), ':')
		var err error
		if dst, err = AppendJSON(dst, f.Schema, value, o); err != nil {
			return dst, InField(f.Name, err)
		}
	}
	if found < len(m) {
		return dst, unknownField(s, m)
	}
	return append(dst, '}'), nil
}

// unknownField names the field of m that s does not have.
func unknownField(s *Schema, m map[string]any) error {
	known := make(map[string]bool, len(s.Fields))
	for _, f := range s.Fields {
		known[f.Name] = true
	}
	names := slices.Sorted(maps.Keys(m))
	i := slices.IndexFunc(names, func(name string) bool { return !known[name] })
	return fmt.Errorf("%w: field %.80q is not in the schema", ErrInvalid, names[max(i, 0)])
}

// mapping writes an object where the schema has string keys, else pairs.
func (o JSONOptions) mapping(dst []byte, s *Schema, v any) ([]byte, error) {
	if s.Key == nil {
		return o.keyless(dst, s, v)
	}
	switch m := v.(type) {
	case map[string]any:
		if s.Key.Kind == String {
			return o.object(dst, s.Elem, m)
		}
		return dst, mismatch(s, v)
	case map[any]any:
		if s.Key.Kind == String {
			return o.namedObject(dst, s, m)
		}
		return o.pairs(dst, s.Key, s.Elem, pairsOf(m))
	case Pairs:
		if s.Key.Kind != String {
			return o.pairs(dst, s.Key, s.Elem, m)
		}
	}
	return dst, mismatch(s, v)
}

// keyless writes a map whose keys have no schema in common, or that has no keys.
func (o JSONOptions) keyless(dst []byte, s *Schema, v any) ([]byte, error) {
	switch m := v.(type) {
	case map[string]any:
		return o.object(dst, s.Elem, m)
	case map[any]any:
		if allStrings(m) {
			return o.namedObject(dst, &Schema{Key: &Schema{Kind: String}, Elem: s.Elem}, m)
		}
		return o.pairs(dst, nil, s.Elem, pairsOf(m))
	case Pairs:
		return o.pairs(dst, nil, s.Elem, m)
	}
	return dst, mismatch(s, v)
}

// namedObject writes a map with string keys that was made with keys of any
// kind. Java writes the key null as it writes the string "null".
func (o JSONOptions) namedObject(dst []byte, s *Schema, m map[any]any) ([]byte, error) {
	named := make(map[string]any, len(m))
	for k, v := range m {
		name, ok := k.(string)
		if k == nil && s.Key.Optional {
			name, ok = "null", true
		}
		if !ok {
			return dst, fmt.Errorf("key: %w", mismatch(s.Key, k))
		}
		named[name] = v
	}
	return o.object(dst, s.Elem, named)
}

func (o JSONOptions) object(dst []byte, elem *Schema, m map[string]any) ([]byte, error) {
	dst = append(dst, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendString(dst, k), ':')
		var err error
		if dst, err = AppendJSON(dst, elem, m[k], o); err != nil {
			return dst, InField(k, err)
		}
	}
	return append(dst, '}'), nil
}

func pairsOf(m map[any]any) Pairs {
	pairs := make(Pairs, 0, len(m))
	for k, v := range m {
		pairs = append(pairs, Pair{k, v})
	}
	return pairs
}

func (o JSONOptions) pairs(dst []byte, key, elem *Schema, pairs Pairs) ([]byte, error) {
	texts := make([]string, 0, len(pairs))
	for _, p := range pairs {
		text, err := AppendJSON([]byte{'['}, key, p.Key, o)
		if err != nil {
			return dst, fmt.Errorf("key: %w", err)
		}
		name := text[1:]
		if text, err = AppendJSON(append(text, ','), elem, p.Value, o); err != nil {
			return dst, fmt.Errorf("key %.80s: %w", name, err)
		}
		texts = append(texts, string(append(text, ']')))
	}
	slices.Sort(texts)
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, text...)
	}
	return append(dst, ']'), nil
}

func (o JSONOptions) list(dst []byte, elem *Schema, list []any) ([]byte, error) {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = AppendJSON(dst, elem, v, o); err != nil {
			return dst, InField(strconv.Itoa(i), err)
		}
	}
	return append(dst, ']'), nil
}

// plain appends v, which has no schema, by its Go type.
func (o JSONOptions) plain(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return jsontext.AppendString(dst, v), nil
	case []byte:
		return appendBase64(dst, v), nil
	case float64:
		return appendFloat(dst, v, 64), nil
	case float32:
		return appendFloat(dst, float64(v), 32), nil
	case json.Number:
		if ok, _ := jsontext.IsNumber([]byte(v)); !ok {
			return dst, fmt.Errorf("%w: %.40q is not a number", ErrInvalid, string(v))
		}
		return append(dst, v...), nil
	case *big.Rat:
		return appendRat(dst, v)
	case time.Time:
		ms, err := millis(v)
		return strconv.AppendInt(dst, ms, 10), err
	}
	return o.plainParts(dst, v)
}

// plainParts appends what is made of other values, or an integer.
func (o JSONOptions) plainParts(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case []any:
		return o.list(dst, nil, v)
	case map[string]any, map[any]any, Pairs:
		return o.keyless(dst, &Schema{Kind: Map}, v)
	}
	if n, ok := AsInt(v); ok {
		return strconv.AppendInt(dst, n, 10), nil
	}
	return dst, fmt.Errorf("%w: Go type %T is not one of Connect's", ErrInvalid, v)
}

func allStrings(m map[any]any) bool {
	for k := range m {
		if _, ok := k.(string); !ok {
			return false
		}
	}
	return true
}

// appendRat appends all digits of a decimal, which has no schema with a scale.
func appendRat(dst []byte, r *big.Rat) ([]byte, error) {
	digits, exact := r.FloatPrec()
	if !exact {
		return dst, fmt.Errorf("%w: %.40s is not a decimal", ErrInvalid, r.RatString())
	}
	return append(dst, r.FloatString(digits)...), nil
}

func appendBase64(dst, b []byte) []byte {
	dst = append(dst, '"')
	return append(base64.StdEncoding.AppendEncode(dst, b), '"')
}

// appendFloat writes NaN and the infinities, which JSON has no numbers for, as text, as Java does.
func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		dst = appendFloatText(append(dst, '"'), f, bits)
		return append(dst, '"')
	}
	return jsontext.AppendFloat(dst, f, bits)
}
