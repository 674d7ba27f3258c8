package document

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/data"
)

// maxShapes bounds how many schemas an Encoder remembers. Some converters make
// a new schema for every record.
const maxShapes = 1000

// Encoder writes Connect's data as JSON for Elasticsearch. It is used by one
// goroutine at a time.
type Encoder struct {
	compactMaps bool
	shapes      map[*data.Schema]*data.Schema // nil for schemas that stay as they are
}

// NewEncoder returns an encoder. compactMaps writes maps with string keys as
// objects instead of lists of key and value.
func NewEncoder(compactMaps bool) *Encoder {
	return &Encoder{compactMaps: compactMaps, shapes: map[*data.Schema]*data.Schema{}}
}

// Append adds the JSON object of a record's value. At the top a map is an object
// whatever compactMaps says, because a list is not a document. When there is an
// error, dst comes back as it was.
func (e *Encoder) Append(dst []byte, s *data.Schema, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok || s != nil && s.Kind != data.Struct && s.Kind != data.Map {
		return dst, fmt.Errorf("value is %s; a document is a struct or a map with string keys", data.Describe(v))
	}
	if s != nil && s.Kind == data.Map {
		v = e.compact(s, m)
		s = &data.Schema{Kind: data.Map, Key: s.Key, Elem: e.shape(s.Elem)}
	} else {
		v = e.value(s, v)
		s = e.shape(s)
	}
	out, err := data.AppendJSON(dst, s, v, data.JSONOptions{NumericDecimals: true})
	if err != nil {
		return dst, fmt.Errorf("value: %w", err)
	}
	return out, nil
}

// shape returns the schema of what [Encoder.value] makes of the values of s: s
// itself when they stay as they are.
func (e *Encoder) shape(s *data.Schema) *data.Schema {
	if s == nil {
		return nil
	}
	if to, ok := e.shapes[s]; ok {
		return to
	}
	to := e.reshape(s)
	if to != s && s.Default != nil {
		to.Default = e.reshaped(s, s.Default)
	}
	if len(e.shapes) >= maxShapes {
		clear(e.shapes)
	}
	e.shapes[s] = to
	return to
}

func (e *Encoder) reshape(s *data.Schema) *data.Schema {
	to := &data.Schema{Kind: s.Kind, Optional: s.Optional}
	switch {
	case s.Name == data.DateName:
		to.Kind = data.String
		return to
	case s.Kind == data.Array:
		if to.Elem = e.shape(s.Elem); to.Elem != s.Elem {
			return to
		}
	case s.Kind == data.Map && e.compactMaps && s.Key.Kind == data.String:
		if to.Key, to.Elem = s.Key, e.shape(s.Elem); to.Elem != s.Elem {
			return to
		}
	case s.Kind == data.Map:
		to.Kind = data.Array
		to.Elem = &data.Schema{Kind: data.Struct, Fields: []data.Field{
			{Name: "key", Schema: e.shape(s.Key)}, {Name: "value", Schema: e.shape(s.Elem)}}}
		return to
	case s.Kind == data.Struct:
		changed := false
		for _, f := range s.Fields {
			shape := e.shape(f.Schema)
			to.Fields = append(to.Fields, data.Field{Name: f.Name, Schema: shape})
			changed = changed || shape != f.Schema
		}
		if changed {
			return to
		}
	}
	return s
}

// value returns v, which is of schema s, in the form of s's shape. A value that
// does not fit s stays as it is, for data.AppendJSON to refuse.
func (e *Encoder) value(s *data.Schema, v any) any {
	if v == nil || e.shape(s) == s {
		return v
	}
	return e.reshaped(s, v)
}

func (e *Encoder) reshaped(s *data.Schema, v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.DateOnly)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = e.value(s.Elem, v[i])
		}
		return list
	case map[string]any:
		switch {
		case s.Kind == data.Struct:
			return e.structure(s, v)
		case e.compactMaps && s.Key.Kind == data.String:
			return e.compact(s, v)
		}
		pairs := make(data.Pairs, 0, len(v))
		for k := range v {
			pairs = append(pairs, data.Pair{Key: k, Value: v[k]})
		}
		return e.entries(s, pairs)
	case map[any]any:
		pairs := make(data.Pairs, 0, len(v))
		for k := range v {
			pairs = append(pairs, data.Pair{Key: k, Value: v[k]})
		}
		return e.entries(s, pairs)
	case data.Pairs:
		return e.entries(s, v)
	}
	return v
}

// structure keeps fields that s does not have, which data.AppendJSON refuses.
func (e *Encoder) structure(s *data.Schema, m map[string]any) map[string]any {
	out := maps.Clone(m)
	for _, f := range s.Fields {
		if v, ok := m[f.Name]; ok {
			out[f.Name] = e.value(f.Schema, v)
		}
	}
	return out
}

func (e *Encoder) compact(s *data.Schema, m map[string]any) map[string]any {
	if e.shape(s.Elem) == s.Elem {
		return m
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = e.value(s.Elem, v)
	}
	return out
}

// entries makes a list of objects with key and value, in the order of the keys'
// text, so that a map is always written the same.
func (e *Encoder) entries(s *data.Schema, pairs data.Pairs) []any {
	type entry struct {
		text   string
		object map[string]any
	}
	list := make([]entry, 0, len(pairs))
	for _, p := range pairs {
		text, _ := data.AppendText(nil, s.Key, p.Key) // what has none is refused later
		list = append(list, entry{string(text),
			map[string]any{"key": e.value(s.Key, p.Key), "value": e.value(s.Elem, p.Value)}})
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.text, b.text) })
	out := make([]any, len(list))
	for i := range list {
		out[i] = list[i].object
	}
	return out
}
