package smt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/data"
)

// Gone is what change returns to [Tree.Edit] for a field that is left out.
type Gone struct{}

// Tree holds fields that a transform changes, and for each what to do with it. It
// changes all of them in one walk.
type Tree[T any] struct {
	what   T
	isLeaf bool
	below  map[string]*Tree[T]
}

// Add takes in a field. A field twice, or one within another that is changed as a
// whole, is an error.
func (t *Tree[T]) Add(p Path, what T) error {
	at := t
	for i, step := range p {
		if at.isLeaf {
			return fmt.Errorf("field %.80q is changed as a whole: leave out the fields in it", strings.Join(p[:i], "."))
		}
		next := at.below[step]
		if next == nil {
			next = &Tree[T]{}
			if at.below == nil {
				at.below = map[string]*Tree[T]{}
			}
			at.below[step] = next
		}
		at = next
	}
	if at.isLeaf || at.below != nil {
		return fmt.Errorf("field %.80q is changed twice: name it once", strings.Join(p, "."))
	}
	at.what, at.isLeaf = what, true
	return nil
}

// Edit returns a copy of m in which the fields of the tree are what change makes of
// them. Fields that are not there stay away. With replace, null becomes the default
// of a field that has one, in all fields of the structs that are copied.
func (t *Tree[T]) Edit(s *data.Schema, m map[string]any, replace bool,
	change func(T, *data.Schema, any) (any, error)) (map[string]any, error) {
	out := maps.Clone(m)
	if s == nil {
		for name := range t.below {
			v, there := m[name]
			if !there {
				continue
			}
			if err := t.field(out, name, nil, v, replace, change); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	for _, f := range s.Fields {
		v := WithDefault(f.Schema, m[f.Name], replace)
		if err := t.field(out, f.Name, f.Schema, v, replace, change); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// field stores the value of a field, changed if it is in the tree.
func (t *Tree[T]) field(out map[string]any, name string, s *data.Schema, v any, replace bool,
	change func(T, *data.Schema, any) (any, error)) (err error) {
	below := t.below[name]
	switch {
	case below == nil:
	case below.isLeaf:
		v, err = change(below.what, s, v)
	case v != nil:
		var fields map[string]any
		if fields, err = FieldsOf(s, v); err == nil {
			v, err = below.Edit(s, fields, replace, change)
		}
	}
	if err != nil {
		return data.InField(name, err)
	}
	if _, gone := v.(Gone); gone {
		delete(out, name)
		return nil
	}
	out[name] = v
	return nil
}

// Schema returns a copy of s in which the fields of the tree have the schemas that
// schema makes of theirs. Defaults of structs go through Edit, and are dropped when
// that fails. A field for which schema returns nil is left out.
func (t *Tree[T]) Schema(s *data.Schema, schema func(T, *data.Schema) *data.Schema,
	change func(T, *data.Schema, any) (any, error)) *data.Schema {
	out := *s
	out.Default = nil
	if m, ok := s.Default.(map[string]any); ok {
		if changed, err := t.Edit(s, m, false, change); err == nil {
			out.Default = changed
		}
	}
	out.Fields = slices.Clone(s.Fields)
	for i, f := range out.Fields {
		below := t.below[f.Name]
		switch {
		case below == nil:
		case below.isLeaf:
			out.Fields[i].Schema = schema(below.what, f.Schema)
		case f.Schema.Kind == data.Struct:
			out.Fields[i].Schema = below.Schema(f.Schema, schema, change)
		}
	}
	out.Fields = slices.DeleteFunc(out.Fields, func(f data.Field) bool { return f.Schema == nil })
	return &out
}
