package text

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/data"
)

const (
	dateLayout      = "2006-01-02"
	timeLayout      = "15:04:05.000Z"
	timestampLayout = "2006-01-02T15:04:05.000Z"
)

// Append appends the text of v, which is of schema s or of none when s is nil.
// Null is the text null. A value that is not Connect's data is an error that is
// [data.ErrInvalid].
func Append(dst []byte, s *data.Schema, v any) ([]byte, error) {
	var w writer
	dst = w.value(dst, s, v)
	return dst, w.err
}

// writer keeps the first error.
type writer struct{ err error }

func (w *writer) value(dst []byte, s *data.Schema, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(dst, v...)
	case []byte:
		return base64.StdEncoding.AppendEncode(dst, v)
	case time.Time:
		return appendTime(dst, s, v)
	case []any:
		return w.list(dst, s, v)
	case map[string]any:
		if s != nil && s.Kind == data.Struct {
			return w.structure(dst, s, v)
		}
		return w.pairs(dst, s, pairsIn(v))
	case map[any]any:
		return w.pairs(dst, s, pairsIn(v))
	case data.Pairs:
		return w.pairs(dst, s, v)
	}
	dst, err := data.AppendText(dst, s, v)
	if w.err == nil {
		w.err = err
	}
	return dst
}

// quoted appends an element of a list or a map.
func (w *writer) quoted(dst []byte, s *data.Schema, v any) []byte {
	switch v.(type) {
	case string, []byte:
		text := string(w.value(nil, s, v))
		text = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
		return append(append(append(dst, '"'), text...), '"')
	}
	return w.value(dst, s, v)
}

func appendTime(dst []byte, s *data.Schema, t time.Time) []byte {
	t = t.UTC()
	name := ""
	if s != nil {
		name = s.Name
	}
	midnight := t.Truncate(24 * time.Hour).Equal(t)
	ofDay := t.Year() == 1970 && t.YearDay() == 1
	switch {
	case name == data.TimeName || name == "" && ofDay:
		return t.AppendFormat(dst, timeLayout)
	case name == data.DateName || name == "" && midnight:
		return t.AppendFormat(dst, dateLayout)
	}
	return t.AppendFormat(dst, timestampLayout)
}

func parts(s *data.Schema) (key, elem *data.Schema) {
	if s == nil {
		return nil, nil
	}
	return s.Key, s.Elem
}

func (w *writer) list(dst []byte, s *data.Schema, list []any) []byte {
	_, elem := parts(s)
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = w.quoted(dst, elem, v)
	}
	return append(dst, ']')
}

func pairsIn[K comparable](m map[K]any) data.Pairs {
	pairs := make(data.Pairs, 0, len(m))
	for k, v := range m {
		pairs = append(pairs, data.Pair{Key: k, Value: v})
	}
	return pairs
}

// pairs sorts the entries by their text, so that a map has one text.
func (w *writer) pairs(dst []byte, s *data.Schema, pairs data.Pairs) []byte {
	key, elem := parts(s)
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		text := append(w.quoted(nil, key, p.Key), ':')
		texts[i] = string(w.quoted(text, elem, p.Value))
	}
	slices.Sort(texts)
	dst = append(append(dst, '{'), strings.Join(texts, ",")...)
	return append(dst, '}')
}

func (w *writer) structure(dst []byte, s *data.Schema, m map[string]any) []byte {
	dst = append(dst, '{')
	for i, f := range s.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		v := m[f.Name]
		if v == nil {
			v = f.Schema.Default
		}
		dst = append(w.quoted(dst, nil, f.Name), ':')
		dst = w.quoted(dst, f.Schema, v)
	}
	return append(dst, '}')
}
