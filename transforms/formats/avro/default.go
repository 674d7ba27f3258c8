package avro

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

// defaults reads the defaults of one schema. A short text can stand for much, as {} for
// a record of a thousand fields with defaults of their own, and be tried for many
// types of unions in unions; so all defaults of a schema share one room.
type defaults struct{ room room.Room }

// set sets the default of s. One that does not fit is ignored: data that is
// read with the writer's schema never needs it. The place of null in a union stays
// the same, although by Avro's rules a default is of the first type.
func (d *defaults) set(s *data.Schema, raw any) {
	v, err := d.value(s, raw)
	if err != nil {
		return
	}
	last, at := datum.NullLast(s), datum.NullAt(s)
	s.Default = v
	switch {
	case !s.Optional:
	case datum.IsUnion(s) && datum.NullAt(s) != at:
		s.Parameters = with(s.Parameters, datum.ParamNullAt, strconv.Itoa(at))
	case !datum.IsUnion(s) && datum.NullLast(s) != last:
		s.Parameters = with(s.Parameters, datum.ParamNullLast, strconv.FormatBool(last))
	}
}

// value reads the default of a field from the JSON of an Avro schema.
func (d *defaults) value(s *data.Schema, raw any) (any, error) {
	if err := d.room.Take(room.Item); err != nil {
		return nil, err
	}
	if datum.IsUnion(s) {
		return d.union(s, raw)
	}
	v, err := d.plain(s, raw)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, fmt.Errorf("%w: default %s does not fit %v", ErrSchema, shown(raw), s.Kind)
	}
	return datum.FromPlain(s, v)
}

// union takes the first type that raw fits. By Avro's rules that is the
// first type of the union, but not every schema keeps them.
func (d *defaults) union(s *data.Schema, raw any) (any, error) {
	for i, f := range s.Fields {
		v, err := d.value(datum.Branch(f.Schema), raw)
		if err != nil {
			continue
		}
		if err := d.room.Take(room.Map(len(s.Fields))); err != nil {
			return nil, err
		}
		out := make(map[string]any, len(s.Fields))
		for _, other := range s.Fields {
			out[other.Name] = nil
		}
		out[s.Fields[i].Name] = v
		return out, nil
	}
	return nil, fmt.Errorf("%w: default %s fits no type of the union", ErrSchema, shown(raw))
}

// plain returns raw as the type below a logical type, nil if it does not fit.
func (d *defaults) plain(s *data.Schema, raw any) (any, error) {
	switch raw := raw.(type) {
	case bool:
		if s.Kind == data.Boolean {
			return raw, nil
		}
	case json.Number:
		return defaultNumber(s.Kind, raw), nil
	case string:
		switch s.Kind {
		case data.String:
			return raw, nil
		case data.Bytes:
			return fromLatin1(raw), nil
		}
	case []any:
		if s.Kind == data.Array {
			return d.list(s, raw)
		}
	case map[string]any:
		switch s.Kind {
		case data.Map:
			return d.mapping(s.Elem, raw)
		case data.Struct:
			return d.structure(s, raw)
		}
	}
	return nil, nil
}

func defaultNumber(k data.Kind, n json.Number) any {
	if i, ok := data.AsInt(n); ok && k.Fits(i) {
		return k.Sized(i)
	}
	f, err := n.Float64()
	switch {
	case err == nil && k == data.Float32:
		return float32(f)
	case err == nil && k == data.Float64:
		return f
	}
	return nil
}

func (d *defaults) list(s *data.Schema, raw []any) (any, error) {
	out := make([]any, len(raw))
	for i := range raw {
		v, err := d.orNull(s.Elem, raw[i])
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (d *defaults) mapping(elem *data.Schema, raw map[string]any) (any, error) {
	out := make(map[string]any, len(raw))
	for k, r := range raw {
		v, err := d.orNull(elem, r)
		if err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, nil
}

// structure reads fields by their Avro names. A field that is missing needs a
// default of its own.
func (d *defaults) structure(s *data.Schema, raw map[string]any) (any, error) {
	if err := d.room.Take(room.Map(len(s.Fields))); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(s.Fields))
	for i, name := range FieldNames(s.Fields) {
		f := s.Fields[i]
		r, ok := raw[name]
		if !ok && f.Schema.Default == nil && !f.Schema.Optional {
			return nil, fmt.Errorf("%w: default without field %.80q", ErrSchema, name)
		}
		if !ok {
			out[f.Name] = f.Schema.Default
			continue
		}
		v, err := d.orNull(f.Schema, r)
		if err != nil {
			return nil, err
		}
		out[f.Name] = v
	}
	return out, nil
}

func (d *defaults) orNull(s *data.Schema, raw any) (any, error) {
	if raw == nil && s.Optional {
		return nil, nil
	}
	return d.value(s, raw)
}

// defaultText returns the JSON text of v, the default of a field of schema s.
func defaultText(s *data.Schema, v any) (string, error) {
	b, err := appendDefault(nil, s, v)
	if err != nil {
		return "", fmt.Errorf("default: %w", err)
	}
	return string(b), nil
}

func appendDefault(b []byte, s *data.Schema, v any) ([]byte, error) {
	if v == nil && s.Optional {
		return append(b, "null"...), nil
	}
	if v == nil && s.Default != nil {
		v = s.Default
	}
	if datum.IsUnion(s) {
		return appendDefaultOfUnion(b, s, v)
	}
	plain, err := datum.ToPlain(s, v)
	if err != nil {
		return nil, err
	}
	if !isOfKind(s.Kind, plain) {
		return nil, fmt.Errorf("%w: %s for %v", ErrSchema, data.Describe(v), s.Kind)
	}
	if f, ok := v.(float32); ok {
		text, err := json.Marshal(f) // with its own digits: as a float64, 0.1 has 17
		return append(b, text...), err
	}
	switch v := plain.(type) {
	case bool:
		return strconv.AppendBool(b, v), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case float64:
		text, err := json.Marshal(v)
		return append(b, text...), err
	case string:
		return jsontext.AppendString(b, v), nil
	case []byte:
		return jsontext.AppendString(b, toLatin1(v)), nil
	case []any:
		return appendDefaultList(b, s.Elem, v)
	case map[string]any:
		if s.Kind == data.Struct {
			return appendDefaultStruct(b, s, v)
		}
		return appendDefaultMap(b, s, v)
	default:
		return nil, fmt.Errorf("%w: %s cannot be a default", ErrSchema, data.Describe(v))
	}
}

// isOfKind reports whether v, which datum.ToPlain returned, can be of the kind.
func isOfKind(k data.Kind, v any) bool {
	switch v := v.(type) {
	case bool:
		return k == data.Boolean
	case int64:
		return k.Fits(v) || k == data.Float32 || k == data.Float64
	case float64:
		return k == data.Float32 || k == data.Float64
	case string:
		return k == data.String
	case []byte:
		return k == data.Bytes
	case []any:
		return k == data.Array
	}
	return k == data.Map || k == data.Struct
}

func appendDefaultOfUnion(b []byte, s *data.Schema, v any) ([]byte, error) {
	m, _ := v.(map[string]any)
	for _, f := range s.Fields {
		if m[f.Name] != nil {
			return appendDefault(b, datum.Branch(f.Schema), m[f.Name])
		}
	}
	return nil, fmt.Errorf("%w: the default of a union has no value", ErrSchema)
}

func appendDefaultList(b []byte, elem *data.Schema, list []any) ([]byte, error) {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendDefault(b, elem, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func appendDefaultMap(b []byte, s *data.Schema, m map[string]any) ([]byte, error) {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendDefault(append(jsontext.AppendString(b, k), ':'), s.Elem, m[k]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendDefaultStruct(b []byte, s *data.Schema, m map[string]any) ([]byte, error) {
	b = append(b, '{')
	for i, name := range FieldNames(s.Fields) {
		if i > 0 {
			b = append(b, ',')
		}
		f := s.Fields[i]
		var err error
		if b, err = appendDefault(append(jsontext.AppendString(b, name), ':'), f.Schema, m[f.Name]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// fromLatin1 and toLatin1 convert bytes in the JSON of Avro schemas, where each byte
// is a character from U+0000 to U+00FF.
func fromLatin1(s string) []byte {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}

func toLatin1(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}
