package json

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
)

// Decode reads one JSON value, as schema s says or by what it looks like when s is nil.
// keepNulls leaves null a null whose schema has a default; otherwise the
// default takes its place. An error is [data.ErrInvalid] and says where. The
// result shares no memory with text.
func Decode(text []byte, s *data.Schema, keepNulls bool) (any, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: text is not UTF-8", data.ErrInvalid)
	}
	d := decoder{scanner: scanner{text: text}, keepNulls: keepNulls}
	v, err := d.value(s)
	if err != nil {
		return nil, err
	}
	return v, d.end()
}

// decoder reads values.
type decoder struct {
	scanner
	keepNulls bool
}

// value reads the next value. After an error that is not a syntaxError the
// place reached is within the value.
func (d *decoder) value(s *data.Schema) (any, error) {
	if s == nil {
		return d.plain()
	}
	c := d.peek()
	if c == 'n' {
		if err := d.literal("null"); err != nil {
			return nil, err
		}
		return d.null(s)
	}
	switch {
	case s.Kind == data.Struct && c == '{':
		return d.structure(s)
	case s.Kind == data.Map && s.Key.Kind == data.String && c == '{':
		return d.named(s.Elem)
	case s.Kind == data.Map && s.Key.Kind != data.String && c == '[':
		return d.pairs(s)
	case s.Kind == data.Array && c == '[':
		return d.list(s.Elem)
	case s.Kind == data.Boolean && (c == 't' || c == 'f'):
		return d.plain()
	case s.Kind == data.String && c == '"':
		return d.plain()
	case s.Kind == data.Bytes && c == '"':
		return d.bytes(s)
	case s.Kind == data.Bytes && s.Name == data.DecimalName && isNumber(c):
		return d.decimal()
	case s.Kind < data.Boolean && isNumber(c):
		digits, err := d.number()
		if err != nil {
			return nil, err
		}
		return numberOf(s, string(digits))
	}
	return nil, d.wrong(s)
}

func isNumber(c byte) bool { return c == '-' || '0' <= c && c <= '9' }

func (d *decoder) null(s *data.Schema) (any, error) {
	switch {
	case s.Default != nil && !d.keepNulls:
		return s.Default, nil
	case s.Optional:
		return nil, nil
	}
	return nil, fmt.Errorf("%w: null for %v, which is not optional", data.ErrInvalid, s.Kind)
}

// wrong says that the next value is not one of s.
func (d *decoder) wrong(s *data.Schema) error {
	shown, err := d.skip()
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: JSON %s%s for %v", data.ErrInvalid, typeOf(shown[0]), cut(shown), s.Kind)
}

// typeOf names the type of the JSON value that begins with c. The literals name
// themselves.
func typeOf(c byte) string {
	switch c {
	case '{':
		return "object "
	case '[':
		return "array "
	case '"':
		return "string "
	case 't', 'f', 'n':
		return ""
	}
	return "number "
}

// cut shortens a text for an error.
func cut(text []byte) string {
	const longest = 40
	if len(text) <= longest {
		return string(text)
	}
	return strings.ToValidUTF8(string(text[:longest]), "") + "…"
}

func (d *decoder) structure(s *data.Schema) (any, error) {
	m := make(map[string]any, len(s.Fields))
	err := d.object(func(name string) error {
		f := s.Field(name)
		if f == nil {
			_, err := d.skip()
			return err
		}
		v, err := d.value(f.Schema)
		m[f.Name] = v
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, f := range s.Fields {
		if _, ok := m[f.Name]; ok {
			continue
		}
		if m[f.Name], err = d.null(f.Schema); err != nil {
			return nil, data.InField(f.Name, err)
		}
	}
	return m, nil
}

func (d *decoder) named(elem *data.Schema) (any, error) {
	m := map[string]any{}
	err := d.object(func(name string) error {
		v, err := d.value(elem)
		m[name] = v
		return err
	})
	return m, err
}

// object reads the members of an object by read. Of a name that occurs twice
// the last counts, even if read has refused an earlier one.
func (d *decoder) object(read func(name string) error) error {
	if err := d.open(); err != nil {
		return err
	}
	var refused map[string]error
	for first := true; ; first = false {
		more, err := d.more(first, '}')
		if err != nil {
			return err
		}
		if !more {
			return firstOf(refused)
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		if err = d.member(name, read); isSyntax(err) {
			return err
		}
		if err == nil {
			delete(refused, name)
			continue
		}
		if refused == nil {
			refused = map[string]error{}
		}
		refused[name] = err
	}
}

// member reads one member to its end, even if read refuses it.
func (d *decoder) member(name string, read func(name string) error) error {
	at, depth := d.at, d.depth
	err := read(name)
	if err == nil || isSyntax(err) {
		return err
	}
	d.at, d.depth = at, depth
	if _, syntax := d.skip(); syntax != nil {
		return syntax
	}
	return data.InField(name, err)
}

func isSyntax(err error) bool {
	var syntax *syntaxError
	return errors.As(err, &syntax)
}

func firstOf(refused map[string]error) error {
	for _, name := range slices.Sorted(maps.Keys(refused)) {
		return refused[name]
	}
	return nil
}

func (d *decoder) list(elem *data.Schema) (any, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	list := []any{}
	for {
		more, err := d.more(len(list) == 0, ']')
		if err != nil || !more {
			return list, err
		}
		v, err := d.value(elem)
		if isSyntax(err) {
			return nil, err
		}
		if err != nil {
			return nil, data.InField(strconv.Itoa(len(list)), err)
		}
		list = append(list, v)
	}
}

// pairs reads a map that is a list of [key, value]. Of a key that occurs twice
// the last counts.
func (d *decoder) pairs(s *data.Schema) (any, error) {
	entries, err := d.items()
	if err != nil {
		return nil, err
	}
	pairs := make(data.Pairs, 0, len(entries))
	places := map[string]int{}
	for i, entry := range entries {
		p, err := d.pair(s, entry)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		text, err := data.AppendJSON(nil, s.Key, p.Key, data.JSONOptions{})
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
		place, twice := places[string(text)]
		if twice {
			pairs[place] = p
			continue
		}
		places[string(text)] = len(pairs)
		pairs = append(pairs, p)
	}
	if s.Key.Kind >= data.Bytes {
		return pairs, nil
	}
	m := make(map[any]any, len(pairs))
	for _, p := range pairs {
		m[p.Key] = p.Value
	}
	return m, nil
}

func (d *decoder) pair(s *data.Schema, entry []byte) (p data.Pair, err error) {
	in := decoder{scanner: scanner{text: entry}, keepNulls: d.keepNulls}
	var parts [][]byte
	if in.peek() == '[' {
		if parts, err = in.items(); err != nil {
			return p, err
		}
	}
	if len(parts) != 2 {
		return p, fmt.Errorf("%w: %s is not a [key, value] of a map", data.ErrInvalid, cut(entry))
	}
	for i, part := range []struct {
		schema *data.Schema
		value  *any
	}{{s.Key, &p.Key}, {s.Elem, &p.Value}} {
		in.scanner = scanner{text: parts[i]}
		if *part.value, err = in.value(part.schema); err != nil {
			return p, err
		}
	}
	return p, nil
}

func (d *decoder) bytes(s *data.Schema) (any, error) {
	start := d.at
	text, err := d.str()
	if err != nil {
		return nil, err
	}
	b, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not base64", data.ErrInvalid, cut(d.text[start:d.at]))
	}
	if s.Name != data.DecimalName {
		return b, nil
	}
	scale, err := s.Scale()
	if err != nil {
		return nil, err
	}
	if len(b) == 0 {
		return nil, fmt.Errorf("%w: a decimal of no bytes", data.ErrInvalid)
	}
	r, err := data.DecimalOf(b, scale)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (d *decoder) decimal() (any, error) {
	digits, err := d.number()
	if err != nil {
		return nil, err
	}
	r, ok := exact(string(digits))
	if !ok {
		return nil, fmt.Errorf("%w: %s has more than %d digits", data.ErrInvalid, cut(digits), maxDigits)
	}
	return r, nil
}

// plain reads the next value by what it looks like. A number that is not an int64 or a
// float64 stays digits.
func (d *decoder) plain() (any, error) {
	switch c := d.peek(); c {
	case '{':
		return d.plainObject()
	case '[':
		return d.list(nil)
	case '"':
		text, err := d.str()
		return string(text), err
	case 't':
		return true, d.literal("true")
	case 'f':
		return false, d.literal("false")
	case 'n':
		return nil, d.literal("null")
	default:
		if !isNumber(c) {
			return nil, d.bad("a value")
		}
		digits, err := d.number()
		if err != nil {
			return nil, err
		}
		return plainNumber(digits), nil
	}
}

func (d *decoder) plainObject() (any, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	m := map[string]any{}
	for first := true; ; first = false {
		more, err := d.more(first, '}')
		if err != nil || !more {
			return m, err
		}
		name, err := d.name()
		if err != nil {
			return nil, err
		}
		if m[name], err = d.plain(); err != nil {
			return nil, err
		}
	}
}
