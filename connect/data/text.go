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
	"strings"
	"time"

	"github.com/suiro/suiro/internal/jsontext"
)

// AppendText appends v, which is of schema s or of none when s is nil, as Java's
// toString prints it, which is what Kafka Connect's StringConverter writes. It is
// the one text form of Connect's data:
//
//	null, boolean, numbers   null, true, 12, 1.5, 1.0E7, NaN
//	string                   as it is, without quotes
//	Decimal                  the digits of its scale, 1.50; as Java's BigDecimal, 1E+3 below scale 0
//	Date, Time, Timestamp    Thu Jan 15 09:30:12 UTC 2026
//	list, map                [1, 2], {a=1, b=x}, a map sorted by the text of its keys
//	struct                   Struct{a=1,b=x}, without the fields that are null
//	bytes                    base64, because Java prints an address
//
// A value that is not Connect's data is an error that is [ErrInvalid].
func AppendText(dst []byte, s *Schema, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return append(dst, v...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case json.Number:
		return append(dst, v...), nil
	case float64:
		return appendFloatText(dst, v, 64), nil
	case float32:
		return appendFloatText(dst, float64(v), 32), nil
	case []byte:
		return base64.StdEncoding.AppendEncode(dst, v), nil
	case *big.Rat:
		return appendDecimalText(dst, s, v)
	case time.Time:
		return appendDateText(dst, v), nil
	}
	return appendPartsText(dst, s, v)
}

// appendPartsText appends what is made of other values, or an integer.
func appendPartsText(dst []byte, s *Schema, v any) ([]byte, error) {
	switch v := v.(type) {
	case []any:
		return appendListText(dst, elemOf(s), v)
	case map[string]any:
		if s != nil && s.Kind == Struct {
			return appendStructText(dst, s, v)
		}
		return appendNamedText(dst, elemOf(s), v)
	case map[any]any:
		return appendPairsText(dst, s, pairsOf(v))
	case Pairs:
		return appendPairsText(dst, s, v)
	}
	if n, ok := AsInt(v); ok {
		return strconv.AppendInt(dst, n, 10), nil
	}
	return dst, fmt.Errorf("%w: Go type %T is not one of Connect's", ErrInvalid, v)
}

// elemOf is nil where the schema or its element's is.
func elemOf(s *Schema) *Schema {
	if s == nil {
		return nil
	}
	return s.Elem
}

func appendFloatText(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	return jsontext.AppendFloat(dst, f, bits)
}

// appendDecimalText lays r out as Java's BigDecimal.toString: with an exponent
// when the scale is negative or the number is below a millionth.
func appendDecimalText(dst []byte, s *Schema, r *big.Rat) ([]byte, error) {
	if s == nil || s.Name != DecimalName {
		return appendRat(dst, r)
	}
	scale, err := s.Scale()
	if err != nil {
		return dst, err
	}
	unscaled := new(big.Rat).Mul(r, power(scale))
	if !unscaled.IsInt() {
		return dst, fmt.Errorf("%w: %.40s has more than %d decimals", ErrInvalid, r.RatString(), scale)
	}
	digits := strings.TrimPrefix(unscaled.Num().String(), "-")
	exponent := len(digits) - 1 - scale
	if scale >= 0 && exponent >= -6 {
		return append(dst, r.FloatString(scale)...), nil
	}
	if r.Sign() < 0 {
		dst = append(dst, '-')
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	if exponent == 0 {
		return dst, nil
	}
	dst = append(dst, 'E')
	if exponent > 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, int64(exponent), 10), nil
}

// appendDateText lays t out as Java's Date.toString where the zone is UTC: in the
// Julian calendar before 15 October 1582, and without an era.
func appendDateText(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if t.Before(gregorianBegin) {
		year, month, day = julian(t)
	}
	if year < 1 {
		year = 1 - year
	}
	dst = t.AppendFormat(dst, "Mon ")
	dst = fmt.Appendf(dst, "%.3s %02d", month, day)
	dst = t.AppendFormat(dst, " 15:04:05 UTC ")
	return strconv.AppendInt(dst, int64(year), 10)
}

var gregorianBegin = time.Date(1582, time.October, 15, 0, 0, 0, 0, time.UTC)

// julian returns the date of t in the Julian calendar. It counts days from a
// March so long ago that no number to divide is negative.
func julian(t time.Time) (year int, month time.Month, day int) {
	const cycles = 250_000_000 // of four years
	seconds := t.Unix()
	days := seconds / 86400
	if seconds%86400 < 0 {
		days--
	}
	days += 2440588 + 32082 + cycles*1461
	years := (4*days + 3) / 1461
	ofYear := days - 1461*years/4
	march := (5*ofYear + 2) / 153 // months since March
	day = int(ofYear - (153*march+2)/5 + 1)
	month = time.Month(march+2)%12 + 1
	return int(years - 4*cycles - 4800 + march/10), month, day
}

func appendListText(dst []byte, elem *Schema, list []any) ([]byte, error) {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		var err error
		if dst, err = AppendText(dst, elem, v); err != nil {
			return dst, InField(strconv.Itoa(i), err)
		}
	}
	return append(dst, ']'), nil
}

func appendNamedText(dst []byte, elem *Schema, m map[string]any) ([]byte, error) {
	dst = append(dst, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		var err error
		if dst, err = AppendText(append(append(dst, k...), '='), elem, m[k]); err != nil {
			return dst, InField(k, err)
		}
	}
	return append(dst, '}'), nil
}

func appendPairsText(dst []byte, s *Schema, pairs Pairs) ([]byte, error) {
	var key *Schema
	if s != nil {
		key = s.Key
	}
	texts := make([]string, 0, len(pairs))
	for _, p := range pairs {
		text, err := AppendText(nil, key, p.Key)
		if err != nil {
			return dst, fmt.Errorf("key: %w", err)
		}
		name := text
		if text, err = AppendText(append(text, '='), elemOf(s), p.Value); err != nil {
			return dst, InField(string(name), err)
		}
		texts = append(texts, string(text))
	}
	slices.Sort(texts)
	dst = append(append(dst, '{'), strings.Join(texts, ", ")...)
	return append(dst, '}'), nil
}

func appendStructText(dst []byte, s *Schema, m map[string]any) ([]byte, error) {
	dst = append(dst, "Struct{"...)
	first := true
	for _, f := range s.Fields {
		v := m[f.Name]
		if v == nil {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		var err error
		if dst, err = AppendText(append(append(dst, f.Name...), '='), f.Schema, v); err != nil {
			return dst, InField(f.Name, err)
		}
	}
	return append(dst, '}'), nil
}
