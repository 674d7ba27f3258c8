package json

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/suiro/suiro/connect/data"
)

// kinds are the kinds by JsonSchema's names.
var kinds = func() map[string]data.Kind {
	m := map[string]data.Kind{}
	for k, name := range typeNames {
		m[name] = k
	}
	return m
}()

// ReadSchema reads the JSON text of a schema as Kafka Connect's JsonConverter
// writes it. keepNulls is that of [Decode], for defaults.
func ReadSchema(text []byte, keepNulls bool) (*data.Schema, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: text is not UTF-8", data.ErrInvalid)
	}
	in := scanner{text: text}
	if in.peek() != '{' {
		return nil, fmt.Errorf("%w: want an object with a type", data.ErrInvalid)
	}
	m, err := in.members()
	if err != nil {
		return nil, err
	}
	r := schemaReader{members: m, keepNulls: keepNulls}
	return r.schema()
}

// schemaReader reads the schema that one object holds.
type schemaReader struct {
	members   map[string][]byte
	keepNulls bool
}

func (r schemaReader) schema() (*data.Schema, error) {
	kind, ok := kinds[r.text("type")]
	if !ok {
		return nil, fmt.Errorf("%w: type %s: want a type of Kafka Connect, such as int32, string or struct",
			data.ErrInvalid, cut(r.members["type"]))
	}
	s := &data.Schema{Kind: kind, Name: r.text("name"), Doc: r.text("doc")}
	s.Optional = string(r.members["optional"]) == "true"
	if n, err := strconv.ParseInt(string(r.members["version"]), 10, 32); err == nil {
		s.Version = int(n)
	}
	if err := r.parts(s); err != nil {
		return nil, err
	}
	if err := r.parameters(s); err != nil {
		return nil, err
	}
	if text := r.members["default"]; text != nil {
		var err error
		if s.Default, err = Decode(text, s, r.keepNulls); err != nil {
			return nil, fmt.Errorf("default: %w", err)
		}
	}
	return s, nil
}

// text returns the string under name, "" when there is none.
func (r schemaReader) text(name string) string {
	in := scanner{text: r.members[name]}
	if in.peek() != '"' {
		return ""
	}
	text, _ := in.str() // it was passed over before
	return string(text)
}

func (r schemaReader) part(name string) (*data.Schema, error) {
	s, err := ReadSchema(r.members[name], r.keepNulls)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// parts reads what a list, a map or a struct is made of.
func (r schemaReader) parts(s *data.Schema) (err error) {
	switch s.Kind {
	case data.Array:
		s.Elem, err = r.part("items")
	case data.Map:
		if s.Key, err = r.part("keys"); err == nil {
			s.Elem, err = r.part("values")
		}
	case data.Struct:
		err = r.fields(s)
	}
	return err
}

func (r schemaReader) fields(s *data.Schema) error {
	in := scanner{text: r.members["fields"]}
	if in.peek() != '[' {
		return fmt.Errorf("%w: a struct has no list of fields", data.ErrInvalid)
	}
	list, err := in.items()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, text := range list {
		in := scanner{text: text}
		f := schemaReader{keepNulls: r.keepNulls}
		if in.peek() == '{' {
			if f.members, err = in.members(); err != nil {
				return err
			}
		}
		name := f.text("field")
		if name == "" || seen[name] {
			return fmt.Errorf("%w: field %d of a struct has no name, or %.80q occurs twice", data.ErrInvalid, i, name)
		}
		seen[name] = true
		fs, err := f.schema()
		if err != nil {
			return data.InField(name, err)
		}
		s.Fields = append(s.Fields, data.Field{Name: name, Schema: fs})
	}
	return nil
}

func (r schemaReader) parameters(s *data.Schema) error {
	in := scanner{text: r.members["parameters"]}
	if in.peek() != '{' {
		return nil
	}
	m, err := in.members()
	if err != nil {
		return err
	}
	for name, text := range m {
		if text[0] != '"' {
			return fmt.Errorf("%w: parameter %.80q is not a string", data.ErrInvalid, name)
		}
		if s.Parameters == nil {
			s.Parameters = map[string]string{}
		}
		s.Parameters[name] = schemaReader{members: m}.text(name)
	}
	return nil
}
