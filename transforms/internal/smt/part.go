package smt

import (
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// Part is the part of a record that a transform works on.
type Part int

// The parts of a record. Java has a class for each, whose names end with $Key
// and $Value.
const (
	Key Part = iota
	Value
)

// String is the part's name in errors.
func (p Part) String() string {
	if p == Key {
		return "key"
	}
	return "value"
}

// Decode returns the data of the part.
func (p Part) Decode(r *connect.Record) (*data.Schema, any, error) {
	if p == Key {
		return r.Key.Decode()
	}
	return r.Value.Decode()
}

// Fields returns the data of the part as a struct or a map by name, nil when
// it is null.
func (p Part) Fields(r *connect.Record) (*data.Schema, map[string]any, error) {
	s, v, err := p.Decode(r)
	if err != nil || v == nil {
		return nil, nil, err
	}
	m, ok := v.(map[string]any)
	if ok && (s == nil || s.Kind == data.Struct) {
		return s, m, nil
	}
	return nil, nil, fmt.Errorf("%s of topic %s is %s: want a struct, or a map with text as keys and no schema",
		p, r.Topic, Shape(s, v))
}

// Shape names the type of data.
func Shape(s *data.Schema, v any) string {
	if s != nil {
		return "a value of type " + s.Kind.String()
	}
	return data.Describe(v)
}

// Replace returns a copy of r with other data in the part.
func (p Part) Replace(r *connect.Record, s *data.Schema, v any) *connect.Record {
	c := *r
	if p == Key {
		c.Key = connect.Decoded(s, v)
	} else {
		c.Value = connect.Decoded(s, v)
	}
	return &c
}
