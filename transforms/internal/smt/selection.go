package smt

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/connect/data"
)

// Selection says which fields of a key or value are passed on, and by what names. The
// zero Selection passes on all as they are.
type Selection struct {
	exclude bool   // leaves the field out
	include bool   // passes the field on with all that is in it
	some    bool   // passes on only what is included of the fields in it
	name    string // is the new name, empty for the old one
	below   map[string]*Selection
}

// ErrOneName is returned where two fields would get one name.
var ErrOneName = errors.New("two fields get one name: exclude one, or give it another name")

// Exclude leaves out the field at p, even if it is included.
func (r *Selection) Exclude(p Path) { r.at(p).exclude = true }

// Include passes on the field at p, and no field beside it or beside one around it
// that is not included, too.
func (r *Selection) Include(p Path) {
	at := r
	for _, step := range p {
		at.some = true
		at = at.under(step)
	}
	at.whole()
}

// whole includes the field with all that is in it.
func (r *Selection) whole() {
	r.include = true
	for _, field := range r.below {
		field.whole()
	}
}

// Rename gives the field at p a new name, once.
func (r *Selection) Rename(p Path, name string) error {
	at := r.at(p)
	if at.name != "" {
		return fmt.Errorf("field %.80q is renamed twice: name it once", p[len(p)-1])
	}
	at.name = name
	return nil
}

func (r *Selection) at(p Path) *Selection {
	for _, step := range p {
		r = r.under(step)
	}
	return r
}

// under returns what is selected of a field, and makes it if there is nothing yet.
func (r *Selection) under(name string) *Selection {
	if r.below[name] == nil {
		if r.below == nil {
			r.below = map[string]*Selection{}
		}
		r.below[name] = &Selection{include: r.include}
	}
	return r.below[name]
}

// passesOn reports whether a field, and what is selected of it, is passed on.
func (r *Selection) passesOn(field *Selection) bool {
	switch {
	case field != nil && field.exclude:
		return false
	case r.include || !r.some:
		return true
	}
	return field != nil && (field.include || field.some)
}

// newName returns the name of the field from now on.
func (r *Selection) newName(old string) string {
	if r == nil || r.name == "" {
		return old
	}
	return r.name
}

// Edit returns the fields of m, of schema s or of none, that are passed on, under their
// new names. With replace, null becomes the default of a field that has one.
func (r *Selection) Edit(s *data.Schema, m map[string]any, replace bool) (map[string]any, error) {
	out := make(map[string]any, len(m))
	passed := 0
	pass := func(name string, fs *data.Schema, v any) (err error) {
		field := r.below[name]
		if !r.passesOn(field) {
			return nil
		}
		if v, err = field.value(fs, v, replace); err != nil {
			return data.InField(name, err)
		}
		out[field.newName(name)] = v
		passed++
		return nil
	}
	if s == nil {
		for name, v := range m {
			if err := pass(name, nil, v); err != nil {
				return nil, err
			}
		}
	} else {
		for _, f := range s.Fields {
			if err := pass(f.Name, f.Schema, WithDefault(f.Schema, m[f.Name], replace)); err != nil {
				return nil, err
			}
		}
	}
	if len(out) < passed {
		return nil, ErrOneName
	}
	return out, nil
}

// value returns the value of the field, edited if that says something about the fields in it.
func (r *Selection) value(s *data.Schema, v any, replace bool) (any, error) {
	if r == nil || len(r.below) == 0 || v == nil {
		return v, nil
	}
	m, err := FieldsOf(s, v)
	if err != nil {
		return nil, err
	}
	return r.Edit(s, m, replace)
}

// Schema returns the schema of what Edit makes of structs of schema s, nil when two
// fields get one name.
func (r *Selection) Schema(s *data.Schema) *data.Schema {
	out := *s
	out.Fields, out.Default = nil, nil
	if m, ok := s.Default.(map[string]any); ok {
		if edited, err := r.Edit(s, m, false); err == nil {
			out.Default = edited
		}
	}
	names := map[string]bool{}
	for _, f := range s.Fields {
		field := r.below[f.Name]
		if !r.passesOn(field) {
			continue
		}
		if field != nil && len(field.below) > 0 && f.Schema.Kind == data.Struct {
			f.Schema = field.Schema(f.Schema)
		}
		f.Name = field.newName(f.Name)
		if f.Schema == nil || names[f.Name] {
			return nil
		}
		names[f.Name] = true
		out.Fields = append(out.Fields, f)
	}
	return &out
}
