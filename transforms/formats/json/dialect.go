package json

import (
	"fmt"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

// Dialect is how values are written in JSON where Kafka Connect's JsonConverter does it
// otherwise. The zero Dialect is that converter's.
type Dialect struct {
	// KeepNulls leaves null a null whose schema has a default. Default: the default takes
	// its place.
	KeepNulls bool
	// Absent makes a field null that is not there, has no default and is not optional.
	// Default: it is an error.
	Absent bool
	// Entries says that a map whose keys are not strings, or may be null, is a list of
	// objects with the members key and value. Default: a list of [key, value], where keys
	// are not strings.
	Entries bool
	// Branch returns the field that text is a value of, nil for none, where IsUnion says
	// that a STRUCT stands for one of several types. Default: there are none.
	Branch  func(s *data.Schema, text []byte) *data.Field
	IsUnion func(s *data.Schema) bool
}

// Decode reads one JSON value, as the function Decode does.
func (o Dialect) Decode(text []byte, s *data.Schema) (any, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: text is not UTF-8", data.ErrInvalid)
	}
	d := o.decoder(text)
	v, err := d.value(s)
	if err != nil {
		return nil, err
	}
	return v, d.end()
}

func (o Dialect) decoder(text []byte) decoder {
	return decoder{scanner: scanner{text: text}, dialect: o, room: room.For(len(text))}
}

// named reports whether a map is an object.
func (o Dialect) named(s *data.Schema) bool {
	return s.Key.Kind == data.String && !(o.Entries && s.Key.Optional)
}

// union reads a value of one of several types. Its text is read twice: to find the type,
// and as a value of it.
func (d *decoder) union(s *data.Schema) (any, error) {
	text, err := d.skip()
	if err != nil {
		return nil, err
	}
	f := d.dialect.Branch(s, text)
	if f == nil {
		return nil, fmt.Errorf("%w: JSON %s%s is of none of the types that it may be of", data.ErrInvalid,
			typeOf(text[0]), cut(text))
	}
	if err := d.take(room.Map(len(s.Fields))); err != nil {
		return nil, err
	}
	d.at -= len(text)
	v, err := d.value(f.Schema)
	if err != nil {
		return nil, err
	}
	m := make(map[string]any, len(s.Fields))
	for _, other := range s.Fields {
		m[other.Name] = nil
	}
	m[f.Name] = v
	return m, nil
}
