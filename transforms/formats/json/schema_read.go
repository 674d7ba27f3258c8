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
	n, err := readNode(&in)
	if err != nil {
		return nil, err
	}
	return schemaReader{keepNulls}.object(n)
}

// node is one JSON value, read once however deep it is.
type node struct {
	text    []byte
	members map[string]*node // of an object; nil for others
	items   []*node          // of a list
}

// readNode reads the next value. Of a name that occurs twice the last counts.
func readNode(s *scanner) (*node, error) {
	n := &node{}
	c := s.peek()
	start := s.at
	var err error
	switch c {
	case '{':
		err = n.readMembers(s)
	case '[':
		err = n.readItems(s)
	default:
		_, err = s.skip()
	}
	n.text = s.text[start:s.at]
	return n, err
}

func (n *node) readMembers(s *scanner) error {
	if err := s.open(); err != nil {
		return err
	}
	n.members = map[string]*node{}
	for first := true; ; first = false {
		more, err := s.more(first, '}')
		if err != nil || !more {
			return err
		}
		name, err := s.name()
		if err != nil {
			return err
		}
		if n.members[name], err = readNode(s); err != nil {
			return err
		}
	}
}

func (n *node) readItems(s *scanner) error {
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more(first, ']')
		if err != nil || !more {
			return err
		}
		item, err := readNode(s)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
}

// member returns the text of a member, nil when there is none.
func (n *node) member(name string) []byte {
	if m := n.members[name]; m != nil {
		return m.text
	}
	return nil
}

// str returns the string under name, "" when there is none.
func (n *node) str(name string) string {
	in := scanner{text: n.member(name)}
	if in.peek() != '"' {
		return ""
	}
	text, _ := in.str() // it was passed over before
	return string(text)
}

// schemaReader reads schemas from their nodes.
type schemaReader struct{ keepNulls bool }

func (r schemaReader) object(n *node) (*data.Schema, error) {
	if n == nil || n.members == nil {
		return nil, fmt.Errorf("%w: want an object with a type", data.ErrInvalid)
	}
	return r.schema(n)
}

func (r schemaReader) schema(n *node) (*data.Schema, error) {
	kind, ok := kinds[n.str("type")]
	if !ok {
		return nil, fmt.Errorf("%w: type %s: want a type of Kafka Connect, such as int32, string or struct",
			data.ErrInvalid, cut(n.member("type")))
	}
	s := &data.Schema{Kind: kind, Name: n.str("name"), Doc: n.str("doc")}
	s.Optional = string(n.member("optional")) == "true"
	if v, err := strconv.ParseInt(string(n.member("version")), 10, 32); err == nil {
		s.Version = int(v)
	}
	if err := r.parts(s, n); err != nil {
		return nil, err
	}
	if err := readParameters(s, n.members["parameters"]); err != nil {
		return nil, err
	}
	if text := n.member("default"); text != nil {
		var err error
		if s.Default, err = Decode(text, s, r.keepNulls); err != nil {
			return nil, fmt.Errorf("default: %w", err)
		}
	}
	return s, nil
}

func (r schemaReader) part(n *node, name string) (*data.Schema, error) {
	s, err := r.object(n.members[name])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// parts reads what a list, a map or a struct is made of.
func (r schemaReader) parts(s *data.Schema, n *node) (err error) {
	switch s.Kind {
	case data.Array:
		s.Elem, err = r.part(n, "items")
	case data.Map:
		if s.Key, err = r.part(n, "keys"); err == nil {
			s.Elem, err = r.part(n, "values")
		}
	case data.Struct:
		err = r.fields(s, n.members["fields"])
	}
	return err
}

func (r schemaReader) fields(s *data.Schema, list *node) error {
	if list == nil || list.text[0] != '[' {
		return fmt.Errorf("%w: a struct has no list of fields", data.ErrInvalid)
	}
	seen := map[string]bool{}
	for i, item := range list.items {
		name := item.str("field")
		if name == "" || seen[name] {
			return fmt.Errorf("%w: field %d of a struct has no name, or %.80q occurs twice", data.ErrInvalid, i, name)
		}
		seen[name] = true
		fs, err := r.schema(item)
		if err != nil {
			return data.InField(name, err)
		}
		s.Fields = append(s.Fields, data.Field{Name: name, Schema: fs})
	}
	return nil
}

func readParameters(s *data.Schema, n *node) error {
	if n == nil || n.members == nil {
		return nil
	}
	for name, value := range n.members {
		if value.text[0] != '"' {
			return fmt.Errorf("%w: parameter %.80q is not a string", data.ErrInvalid, name)
		}
		if s.Parameters == nil {
			s.Parameters = map[string]string{}
		}
		s.Parameters[name] = n.str(name)
	}
	return nil
}
