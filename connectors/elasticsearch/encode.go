package elasticsearch

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
)

// encoder turns Connect data into JSON for Elasticsearch.
type encoder struct {
	// compactMaps writes maps with string keys as objects instead of lists of
	// key and value.
	compactMaps bool
}

// append adds the JSON of v, described by schema or by nothing, to dst.
func (e encoder) append(dst []byte, schema *data.Schema, v any) ([]byte, error) {
	if v == nil {
		return e.null(dst, schema)
	}
	if schema == nil {
		return e.schemaless(dst, v)
	}
	if out, ok, err := logical(dst, schema, v); ok {
		return out, err
	}
	switch schema.Kind {
	case data.Struct:
		return e.structure(dst, schema, v)
	case data.Map:
		return e.mapping(dst, schema, v)
	case data.Array:
		return e.array(dst, schema.Elem, v)
	}
	return scalar(dst, v)
}

// null writes a default, null where that is allowed, and refuses otherwise.
func (e encoder) null(dst []byte, schema *data.Schema) ([]byte, error) {
	switch {
	case schema != nil && schema.Default != nil:
		return e.append(dst, schema, schema.Default)
	case schema != nil && !schema.Optional:
		return dst, fmt.Errorf("null for a required %s", schema.Kind)
	}
	return append(dst, "null"...), nil
}

func (e encoder) structure(dst []byte, schema *data.Schema, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return dst, mismatch(schema, v)
	}
	dst = append(dst, '{')
	for i := range schema.Fields {
		f := &schema.Fields[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, f.Name), ':')
		var err error
		if dst, err = e.append(dst, f.Schema, m[f.Name]); err != nil {
			return dst, fmt.Errorf("field %s: %w", f.Name, err)
		}
	}
	return append(dst, '}'), nil
}

// mapping writes a MAP: as an object when its keys are strings and maps are
// compact, else as a list of objects with key and value, as the Java sink does.
func (e encoder) mapping(dst []byte, schema *data.Schema, v any) ([]byte, error) {
	switch m := v.(type) {
	case map[string]any:
		if e.compactMaps {
			return e.object(dst, schema.Elem, m)
		}
		return entries(e, dst, schema, m)
	case map[any]any:
		return entries(e, dst, schema, m)
	}
	return dst, mismatch(schema, v)
}

func (e encoder) object(dst []byte, elem *data.Schema, m map[string]any) ([]byte, error) {
	dst = append(dst, '{')
	for i, k := range sortedKeys(m) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, k), ':')
		var err error
		if dst, err = e.append(dst, elem, m[k]); err != nil {
			return dst, fmt.Errorf("field %.80s: %w", k, err)
		}
	}
	return append(dst, '}'), nil
}

func entries[K comparable](e encoder, dst []byte, schema *data.Schema, m map[K]any) ([]byte, error) {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b K) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	dst = append(dst, '[')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = e.append(append(dst, `{"key":`...), schema.Key, any(k)); err != nil {
			return dst, fmt.Errorf("map key %.80s: %w", fmt.Sprint(k), err)
		}
		if dst, err = e.append(append(dst, `,"value":`...), schema.Elem, m[k]); err != nil {
			return dst, fmt.Errorf("map value of %.80s: %w", fmt.Sprint(k), err)
		}
		dst = append(dst, '}')
	}
	return append(dst, ']'), nil
}

func (e encoder) array(dst []byte, elem *data.Schema, v any) ([]byte, error) {
	list, ok := v.([]any)
	if !ok {
		return dst, fmt.Errorf("%T where an ARRAY belongs", v)
	}
	dst = append(dst, '[')
	for i, item := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = e.append(dst, elem, item); err != nil {
			return dst, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return append(dst, ']'), nil
}

func (e encoder) schemaless(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case map[string]any:
		return e.object(dst, nil, v)
	case map[any]any:
		return entries(e, dst, &data.Schema{}, v)
	case []any:
		return e.array(dst, nil, v)
	}
	return scalar(dst, v)
}

// logical writes the logical types: Timestamp and Time as milliseconds, Date
// as a calendar date, Decimal as a number with all its digits.
func logical(dst []byte, schema *data.Schema, v any) ([]byte, bool, error) {
	switch schema.Name {
	case data.TimestampName, data.DateName, data.TimeName:
		t, ok := v.(time.Time)
		if !ok {
			return dst, true, mismatch(schema, v)
		}
		return appendTime(dst, schema.Name, t.UTC()), true, nil
	case data.DecimalName:
		r, ok := v.(*big.Rat)
		if !ok {
			return dst, true, mismatch(schema, v)
		}
		scale, err := strconv.Atoi(schema.Parameters["scale"])
		if err != nil || scale < 0 {
			return dst, true, fmt.Errorf("decimal scale %q is no number", schema.Parameters["scale"])
		}
		return append(dst, r.FloatString(scale)...), true, nil
	}
	return dst, false, nil
}

func appendTime(dst []byte, name string, t time.Time) []byte {
	switch name {
	case data.DateName:
		return append(t.AppendFormat(append(dst, '"'), time.DateOnly), '"')
	case data.TimeName:
		day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		return strconv.AppendInt(dst, t.Sub(day).Milliseconds(), 10)
	}
	return strconv.AppendInt(dst, t.UnixMilli(), 10)
}

func mismatch(schema *data.Schema, v any) error {
	return fmt.Errorf("%T where a %s belongs", v, schema.Kind)
}

func scalar(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return appendString(dst, v), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case []byte:
		dst = append(dst, '"')
		return append(base64.StdEncoding.AppendEncode(dst, v), '"'), nil
	case float32:
		return appendFloat(dst, float64(v), 32)
	case float64:
		return appendFloat(dst, v, 64)
	case json.Number:
		return appendNumber(dst, v)
	case time.Time:
		return strconv.AppendInt(dst, v.UnixMilli(), 10), nil
	}
	if n, ok := integer(v); ok {
		return strconv.AppendInt(dst, n, 10), nil
	}
	return dst, fmt.Errorf("%T has no JSON form", v)
}

// integer widens the integers of Connect's data model.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case int:
		return int64(v), true
	}
	return 0, false
}

func appendFloat(dst []byte, f float64, size int) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, fmt.Errorf("%v has no JSON form", f)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, size), nil
}

func appendNumber(dst []byte, n json.Number) ([]byte, error) {
	s := scanner{src: []byte(n)}
	if err := s.number(); err != nil || s.pos != len(n) {
		return dst, fmt.Errorf("%.40q is no JSON number", string(n))
	}
	return append(dst, n...), nil
}

const hexDigits = "0123456789abcdef"

// appendString adds s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD.
func appendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = appendEscaped(append(dst, s[start:i]...), c)
		i += size
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscaped(dst []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\t':
		return append(dst, '\\', 't')
	case c >= utf8.RuneSelf:
		return append(dst, `\ufffd`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
