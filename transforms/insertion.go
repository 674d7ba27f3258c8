package transforms

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

// insertion are the fields that [InsertField] adds to one struct or map, and to those
// in it.
type insertion struct {
	fields []insert
	below  []innerInsertion
}

// innerInsertion is what is added to a field that is a struct or map.
type innerInsertion struct {
	name string
	into *insertion
}

// insert is a field to add.
type insert struct {
	key    string // of the configuration
	name   string
	schema *data.Schema
	value  func(r *connect.Record, schemaless bool) any // nil when the record does not have it
}

var (
	errInsertTwice  = errors.New("another key inserts a field of this name: choose another name")
	errInsertAround = errors.New("another key inserts a field within this one, or around it: choose another name")
)

// add takes in a field at a path.
func (i *insertion) add(path smt.Path, in insert) error {
	in.name = path[0]
	at := slices.IndexFunc(i.below, func(b innerInsertion) bool { return b.name == in.name })
	taken := slices.ContainsFunc(i.fields, func(f insert) bool { return f.name == in.name })
	switch last := len(path) == 1; {
	case taken && last:
		return errInsertTwice
	case taken, last && at >= 0:
		return errInsertAround
	case last:
		i.fields = append(i.fields, in)
		return nil
	}
	if at < 0 {
		at = len(i.below)
		i.below = append(i.below, innerInsertion{in.name, &insertion{}})
	}
	return i.below[at].into.add(path[1:], in)
}

// edit returns a copy of m, of schema s or of none, with what r gives for the fields.
// With replace, null becomes the default of a field that has one.
func (i *insertion) edit(r *connect.Record, s *data.Schema, m map[string]any, replace bool) (map[string]any, error) {
	out := maps.Clone(m)
	if s != nil {
		for _, f := range s.Fields {
			out[f.Name] = smt.WithDefault(f.Schema, m[f.Name], replace)
		}
	}
	for _, b := range i.below {
		inner, err := b.edit(r, s, out, replace)
		if err != nil {
			return nil, data.InField(b.name, err)
		}
		out[b.name] = inner
	}
	for _, in := range i.fields {
		v, err := in.of(r, s == nil)
		if err != nil {
			return nil, err
		}
		if v != nil || s != nil {
			out[in.name] = v
		}
	}
	return out, nil
}

// edit returns the field with what is added to it. One that is not there is made, and
// null stays null.
func (b innerInsertion) edit(r *connect.Record, s *data.Schema, m map[string]any, replace bool) (any, error) {
	v, there := m[b.name]
	var fs *data.Schema
	if s != nil {
		f := s.Field(b.name)
		there = f != nil
		fs = &data.Schema{Kind: data.Struct}
		if there {
			fs = f.Schema
		}
	}
	if !there {
		v = map[string]any{}
	}
	if v == nil {
		return nil, nil
	}
	inner, err := smt.FieldsOf(fs, v)
	if err != nil {
		return nil, err
	}
	return b.into.edit(r, fs, inner, replace)
}

// of returns what r has for the field, which may be nil for one that is optional.
func (in insert) of(r *connect.Record, schemaless bool) (any, error) {
	v := in.value(r, schemaless)
	switch {
	case v == nil && in.key == "offset.field":
		return nil, fmt.Errorf("field %q: the record for topic %s has no offset: offset.field is for sinks", in.name, r.Topic)
	case v == nil && !in.schema.Optional:
		return nil, fmt.Errorf("field %q is required, and the record of topic %s has no such value", in.name, r.Topic)
	}
	return v, nil
}

// schema adds the new fields after the old ones, in place of any of their name. A
// struct that is not there is made as a required one.
func (i *insertion) schema(s *data.Schema) *data.Schema {
	out := *s
	out.Default = nil // it lacks the new fields
	out.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f data.Field) bool {
		return slices.ContainsFunc(i.fields, func(in insert) bool { return in.name == f.Name })
	})
	for _, b := range i.below {
		old := out.Field(b.name)
		switch {
		case old == nil:
			made := b.into.schema(&data.Schema{Kind: data.Struct})
			out.Fields = append(out.Fields, data.Field{Name: b.name, Schema: made})
		case old.Schema.Kind == data.Struct:
			old.Schema = b.into.schema(old.Schema)
		}
	}
	for _, in := range i.fields {
		out.Fields = append(out.Fields, data.Field{Name: in.name, Schema: in.schema})
	}
	return &out
}
