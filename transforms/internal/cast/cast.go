// Package cast turns a value into one of another type, as Kafka Connect's transform
// Cast does, except that what the type does not hold is an error.
package cast

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/text"
)

// Kinds are the types that can be cast to, by their names in configurations.
var Kinds = map[string]data.Kind{
	"int8": data.Int8, "int16": data.Int16, "int32": data.Int32, "int64": data.Int64, "float32": data.Float32,
	"float64": data.Float64, "boolean": data.Boolean, "string": data.String,
}

// Schema returns that of values of schema s when they are of another kind: it is
// optional if s is, and has the default of s if that can be cast.
func Schema(to data.Kind, s *data.Schema) *data.Schema {
	out := &data.Schema{Kind: to, Optional: s.Optional}
	if v, err := Value(to, s, s.Default); err == nil {
		out.Default = v
	}
	return out
}

var (
	errText  = errors.New("bytes can be cast to string alone")
	errTimes = errors.New("a time without a schema cannot be cast: it may be a Date, a Time or a Timestamp")
)

// Value returns v, which is of schema s or of none when s is nil, as a value of
// another kind. Null stays null. Fractions are cut off integers, a Date is the days
// and a Time or Timestamp the milliseconds since 1970.
func Value(to data.Kind, s *data.Schema, v any) (any, error) {
	switch t := v.(type) {
	case nil:
		return nil, nil
	case []any, map[string]any, map[any]any, data.Pairs:
		return nil, fmt.Errorf("%s cannot be cast to %s", data.Describe(v), to)
	case []byte:
		if to != data.String {
			return nil, errText
		}
	case time.Time:
		if s == nil {
			return nil, errTimes
		}
		if to == data.String {
			b, err := text.Append(nil, s, t)
			return string(b), err
		}
		n, err := data.TimeNumber(s, t)
		if err != nil {
			return nil, err
		}
		v = n
	case bool:
		if to != data.String && to != data.Boolean {
			v = map[bool]int64{true: 1}[t]
		}
	}
	switch to {
	case data.String:
		return data.Text(s, v)
	case data.Boolean:
		return boolean(v)
	case data.Float32, data.Float64:
		return float(to, v)
	}
	return integer(to, v)
}

// boolean is true for numbers that are at least 1 from 0, and for the text true.
func boolean(v any) (any, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		return strings.EqualFold(v, "true"), nil
	case *big.Rat:
		return v.Num().CmpAbs(v.Denom()) >= 0, nil
	}
	if n, ok := data.AsInt(v); ok {
		return n != 0, nil
	}
	if f, ok := data.AsFloat(v); ok {
		return math.Abs(f) >= 1, nil
	}
	_, huge := v.(json.Number)
	return huge, nil
}

func integer(to data.Kind, v any) (any, error) {
	n, ok := data.AsInt(v)
	switch x := v.(type) {
	case string:
		parsed, err := strconv.ParseInt(x, 10, 64)
		if errors.Is(err, strconv.ErrSyntax) {
			return nil, fmt.Errorf("text %.40q is not an integer", x)
		}
		n, ok = parsed, err == nil
	case *big.Rat:
		whole := new(big.Int).Quo(x.Num(), x.Denom())
		n, ok = whole.Int64(), whole.IsInt64()
	case float32:
		n, ok = truncated(float64(x))
	case float64:
		n, ok = truncated(x)
	case json.Number:
		if f, isFloat := data.AsFloat(v); !ok && isFloat {
			n, ok = truncated(f)
		}
	}
	if !ok || !to.Fits(n) {
		return nil, fmt.Errorf("%.40s does not fit %s", shown(v), to)
	}
	return to.Sized(n), nil
}

func truncated(f float64) (int64, bool) {
	f = math.Trunc(f)
	return int64(f), f >= -1<<63 && f < 1<<63
}

// javaFloat is how Java writes numbers. Go has more ways.
var javaFloat = regexp.MustCompile(
	`^[+-]?(NaN|Infinity|(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?|0[xX]([\da-fA-F]+\.?|[\da-fA-F]*\.[\da-fA-F]+)[pP][+-]?\d+[fFdD]?)$`)

func float(to data.Kind, v any) (any, error) {
	bits := 64
	if to == data.Float32 {
		bits = 32
	}
	var f float64
	endless := false
	switch x := v.(type) {
	case string:
		trimmed := strings.TrimFunc(x, func(r rune) bool { return r <= ' ' })
		if !javaFloat.MatchString(trimmed) {
			return nil, fmt.Errorf("text %.40q is not a number", x)
		}
		endless = strings.HasSuffix(trimmed, "y")
		if last := trimmed[len(trimmed)-1]; strings.IndexByte("fFdD", last) >= 0 {
			trimmed = trimmed[:len(trimmed)-1]
		}
		f, _ = strconv.ParseFloat(trimmed, bits)
	case *big.Rat:
		f, _ = x.Float64()
	default:
		n, ok := data.AsFloat(v)
		if !ok {
			return nil, fmt.Errorf("%.40s does not fit %s", shown(v), to)
		}
		f, endless = n, math.IsInf(n, 0)
	}
	if n, ok := data.AsInt(v); ok && bits == 32 {
		return float32(n), nil
	}
	if bits == 32 {
		if math.IsInf(float64(float32(f)), 0) && !endless {
			return nil, fmt.Errorf("%.40s does not fit %s", shown(v), to)
		}
		return float32(f), nil
	}
	if math.IsInf(f, 0) && !endless {
		return nil, fmt.Errorf("%.40s does not fit %s", shown(v), to)
	}
	return f, nil
}

// shown is a value as an error shows it.
func shown(v any) string {
	s, err := data.Text(nil, v)
	if err != nil {
		return data.Describe(v)
	}
	return s
}

// decimal is a number as Java's BigDecimal reads it, of a size that can be calculated with.
var decimal = regexp.MustCompile(`^[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,3})?$`)

// Decimal reads a number of up to 800 digits and an exponent of up to three, nil when
// text is none.
func Decimal(text string) *big.Rat {
	if !decimal.MatchString(text) {
		return nil
	}
	r, _ := new(big.Rat).SetString(text)
	return r
}
