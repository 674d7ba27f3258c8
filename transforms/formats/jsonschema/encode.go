package jsonschema

import (
	"fmt"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
)

// encoder writes values. What it does not do itself is as in data.AppendJSON.
type encoder struct{ Options }

func (e encoder) form() data.JSONOptions {
	return data.JSONOptions{NumericDecimals: e.NumericDecimals, KeepNulls: e.KeepNulls}
}

// append appends v, which is of schema s or of none when s is nil. A null is written even
// if s is not optional: it comes from a message that did not have the field.
func (e encoder) append(dst []byte, s *data.Schema, v any) ([]byte, error) {
	if s == nil {
		return data.AppendJSON(dst, nil, v, e.form())
	}
	if v = e.defaulted(s, v); v == nil {
		return append(dst, "null"...), nil
	}
	switch s.Kind {
	case data.Struct:
		return e.structure(dst, s, v)
	case data.Map:
		return e.mapping(dst, s, v)
	case data.Array:
		return e.list(dst, s, v)
	}
	return data.AppendJSON(dst, s, v, e.form())
}

func (e encoder) defaulted(s *data.Schema, v any) any {
	if v == nil && !e.KeepNulls {
		return s.Default
	}
	return v
}

func wrong(s *data.Schema, v any) error {
	return fmt.Errorf("%w: %s for %v %.200s", data.ErrInvalid, data.Describe(v), s.Kind, s.Name)
}

// structure writes an object, without the fields that are null and not optional, or the
// one value of a union.
func (e encoder) structure(dst []byte, s *data.Schema, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return dst, wrong(s, v)
	}
	if isUnion(s) {
		return e.union(dst, s, m)
	}
	found, first := 0, true
	dst = append(dst, '{')
	for _, f := range s.Fields {
		value, ok := m[f.Name]
		if ok {
			found++
		}
		if value = e.defaulted(f.Schema, value); value == nil && !f.Schema.Optional {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(jsontext.AppendString(dst, f.Name), ':')
		var err error
		if dst, err = e.append(dst, f.Schema, value); err != nil {
			return dst, data.InField(f.Name, err)
		}
	}
	if found < len(m) {
		return dst, unknownField(s, m)
	}
	return append(dst, '}'), nil
}

// unknownField names the field of m that s does not have.
func unknownField(s *data.Schema, m map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if s.Field(name) == nil {
			return fmt.Errorf("%w: field %.80q is not in the schema", data.ErrInvalid, name)
		}
	}
	return nil
}

func (e encoder) union(dst []byte, s *data.Schema, m map[string]any) ([]byte, error) {
	var chosen *data.Field
	for i, f := range s.Fields {
		switch {
		case m[f.Name] == nil:
		case chosen != nil:
			return dst, fmt.Errorf("%w: a union with two values, %s and %s", data.ErrInvalid, chosen.Name, f.Name)
		default:
			chosen = &s.Fields[i]
		}
	}
	if chosen == nil {
		return dst, fmt.Errorf("%w: a union without a value", data.ErrInvalid)
	}
	dst, err := e.append(dst, chosen.Schema, m[chosen.Name])
	if err != nil {
		return dst, data.InField(chosen.Name, err)
	}
	return dst, nil
}

func (e encoder) list(dst []byte, s *data.Schema, v any) ([]byte, error) {
	list, ok := v.([]any)
	if !ok {
		return dst, wrong(s, v)
	}
	dst = append(dst, '[')
	for i, item := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = e.append(dst, s.Elem, item); err != nil {
			return dst, data.InField(fmt.Sprint(i), err)
		}
	}
	return append(dst, ']'), nil
}

// mapping writes an object where the keys are strings, else a list of entries.
func (e encoder) mapping(dst []byte, s *data.Schema, v any) ([]byte, error) {
	if isNamed(s) {
		m, ok := named(v)
		if !ok {
			return dst, wrong(s, v)
		}
		return e.object(dst, s.Elem, m)
	}
	var pairs data.Pairs
	switch m := v.(type) {
	case data.Pairs:
		pairs = m
	case map[any]any:
		for k, value := range m {
			pairs = append(pairs, data.Pair{Key: k, Value: value})
		}
	case map[string]any:
		for k, value := range m {
			pairs = append(pairs, data.Pair{Key: k, Value: value})
		}
	default:
		return dst, wrong(s, v)
	}
	return e.entries(dst, s, pairs)
}

// isNamed reports whether a map is an object.
func isNamed(s *data.Schema) bool { return s.Key.Kind == data.String && !s.Key.Optional }

// named returns a map with string keys, which may have been made with keys of any kind.
func named(v any) (map[string]any, bool) {
	if m, ok := v.(map[string]any); ok {
		return m, true
	}
	all, ok := v.(map[any]any)
	if !ok {
		return nil, false
	}
	m := make(map[string]any, len(all))
	for k, value := range all {
		name, ok := k.(string)
		if !ok {
			return nil, false
		}
		m[name] = value
	}
	return m, true
}

func (e encoder) object(dst []byte, elem *data.Schema, m map[string]any) ([]byte, error) {
	dst = append(dst, '{')
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendString(dst, name), ':')
		var err error
		if dst, err = e.append(dst, elem, m[name]); err != nil {
			return dst, data.InField(name, err)
		}
	}
	return append(dst, '}'), nil
}

// entries writes the entries sorted by their text, so that equal maps have equal texts.
func (e encoder) entries(dst []byte, s *data.Schema, pairs data.Pairs) ([]byte, error) {
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		text, err := e.append([]byte(`{"key":`), s.Key, p.Key)
		if err != nil {
			return dst, fmt.Errorf("key: %w", err)
		}
		if text, err = e.append(append(text, `,"value":`...), s.Elem, p.Value); err != nil {
			return dst, fmt.Errorf("value of a key: %w", err)
		}
		texts[i] = string(append(text, '}'))
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
