package json

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

// Decode reads one JSON value, as schema s says or by what it looks like when s is nil.
// keepNulls leaves null a null whose schema has a default; otherwise the
// default takes its place. An error is [data.ErrInvalid] and says where. The
// result shares no memory with text.
func Decode(text []byte, s *data.Schema, keepNulls bool) (any, error) {
	return Dialect{KeepNulls: keepNulls}.Decode(text, s)
}

// decoder reads values.
type decoder struct {
	scanner
	dialect  Dialect
	room     room.Room
	fields   map[*data.Schema]map[string]int // places of the fields of large structs, by name
	compared int                             // names of fields, with others
}

func newDecoder(text []byte, keepNulls bool) decoder {
	return Dialect{KeepNulls: keepNulls}.decoder(text)
}

// take takes room for what is made next.
func (d *decoder) take(n int) error {
	if err := d.room.Take(n); err != nil {
		return fmt.Errorf("%w: %w", data.ErrInvalid, err)
	}
	return nil
}

// value reads the next value. After an error that is not fatal the place reached is
// behind the value.
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
	case d.dialect.Branch != nil && d.dialect.IsUnion(s):
		return d.union(s)
	case s.Kind == data.Struct && c == '{':
		return d.structure(s)
	case s.Kind == data.Map && d.dialect.named(s) && c == '{':
		return d.named(s.Elem)
	case s.Kind == data.Map && !d.dialect.named(s) && c == '[':
		return pairReader{d, s}.read()
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
	case s.Default != nil && !d.dialect.KeepNulls:
		if err := d.room.TakeValue(s.Default); err != nil {
			return nil, fmt.Errorf("%w: %w", data.ErrInvalid, err)
		}
		return s.Default, nil
	case s.Optional:
		return nil, nil
	}
	return nil, fmt.Errorf("%w: null for %v, which is not optional", data.ErrInvalid, s.Kind)
}

// absent returns what a field is that is not there.
func (d *decoder) absent(s *data.Schema) (any, error) {
	if d.dialect.Absent && !s.Optional && s.Default == nil {
		return nil, nil
	}
	return d.null(s)
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
	if err := d.take(room.Map(len(s.Fields))); err != nil {
		return nil, err
	}
	m := make(map[string]any, len(s.Fields))
	next := 0
	err := d.object(func(name string) error {
		i := d.find(s, name, next)
		if i < 0 {
			_, err := d.skip()
			return err
		}
		f := &s.Fields[i]
		next = i + 1
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
		if m[f.Name], err = d.absent(f.Schema); err != nil {
			return nil, data.InField(f.Name, err)
		}
	}
	return m, nil
}

// find returns the place of a field, or -1. next is where it is if the members are in
// the order of the fields.
func (d *decoder) find(s *data.Schema, name string, next int) int {
	const few = 8
	if d.compared++; next < len(s.Fields) && s.Fields[next].Name == name {
		return next
	}
	if len(s.Fields) <= few {
		d.compared += few
		return slices.IndexFunc(s.Fields, func(f data.Field) bool { return f.Name == name })
	}
	places := d.fields[s]
	if places == nil {
		places = make(map[string]int, len(s.Fields))
		for i := len(s.Fields) - 1; i >= 0; i-- {
			places[s.Fields[i].Name] = i
		}
		if d.fields == nil {
			d.fields = map[*data.Schema]map[string]int{}
		}
		d.fields[s] = places
		d.compared += len(s.Fields)
	}
	if i, ok := places[name]; ok {
		return i
	}
	return -1
}

func (d *decoder) named(elem *data.Schema) (any, error) {
	m := map[string]any{}
	err := d.object(func(name string) error {
		if err := d.take(room.Entry); err != nil {
			return err
		}
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
		if err = read(name); isFatal(err) {
			return err
		}
		if err == nil {
			delete(refused, name)
			continue
		}
		err = data.InField(name, err)
		if refused == nil {
			refused = map[string]error{}
		}
		refused[name] = err
	}
}

// isFatal reports whether reading cannot go on after err: the text is not JSON, or the
// value is too large.
func isFatal(err error) bool {
	if err == nil {
		return false
	}
	var syntax *syntaxError
	return errors.As(err, &syntax) || errors.Is(err, room.ErrTooLarge)
}

// rest passes over the other items of a list and its bracket, and returns cause.
func (d *decoder) rest(cause error) error {
	for {
		more, err := d.more(false, ']')
		if err != nil {
			return err
		}
		if !more {
			return cause
		}
		if _, err := d.skip(); err != nil {
			return err
		}
	}
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
		if err := d.take(room.Item); err != nil {
			return nil, err
		}
		v, err := d.value(elem)
		if isFatal(err) {
			return nil, err
		}
		if err != nil {
			return nil, d.rest(data.InField(strconv.Itoa(len(list)), err))
		}
		list = append(list, v)
	}
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
	if err := d.take(room.Decimal(scale)); err != nil {
		return nil, err
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
	if err := d.take(room.Decimal(len(digits) + exponent(string(digits)))); err != nil {
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
		if err != nil {
			return nil, err
		}
		if !more {
			return m, d.take(room.Map(len(m)))
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
