package document

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/suiro/suiro/transforms/formats/registry"
)

// Document is the text of one schema of the registry.
type Document struct {
	// Root is what [Parse] returns of the text.
	Root  any
	names []string           // by which others refer to it
	ids   map[string]*Object // what has an $id or an $anchor, by that
}

// newDocument reads a text.
func newDocument(text string, names []string) (*Document, error) {
	v, err := Parse(text)
	if err != nil {
		return nil, err
	}
	d := &Document{Root: v, names: names, ids: map[string]*Object{}}
	d.index(v)
	return d, nil
}

// index finds what has an id of its own.
func (d *Document) index(v any) {
	switch v := v.(type) {
	case *Object:
		for _, word := range []string{"$id", "id"} {
			if id := strings.TrimSuffix(v.Text(word), "#"); id != "" {
				d.ids[id] = v
			}
		}
		if anchor := v.Text("$anchor"); anchor != "" {
			d.ids["#"+anchor] = v
		}
		for _, name := range v.Names {
			d.index(v.Members[name])
		}
	case []any:
		for _, item := range v {
			d.index(item)
		}
	}
}

// base is the address of the document, if it says one.
func (d *Document) base() *url.URL {
	o, _ := d.Root.(*Object)
	if o == nil {
		return nil
	}
	base, err := url.Parse(o.Text("$id"))
	if err != nil || !base.IsAbs() {
		return nil
	}
	return base
}

// Documents are a schema and those that it refers to.
type Documents []*Document

// New reads a schema and those that it refers to. The schema is the first.
func New(text string, references []registry.Reference) (Documents, error) {
	first, err := newDocument(text, nil)
	if err != nil {
		return nil, err
	}
	all := Documents{first}
	for i, r := range references {
		d, err := newDocument(r.Text, r.Names)
		if err != nil {
			return nil, fmt.Errorf("reference %d of %d: %w", i+1, len(references), err)
		}
		all = append(all, d)
	}
	return all, nil
}

// Find returns what a reference in a document means, and the document that it is in.
func (all Documents) Find(ref string, in *Document) (any, *Document, error) {
	if o := in.ids[ref]; o != nil {
		return o, in, nil
	}
	address, fragment, _ := strings.Cut(ref, "#")
	root, at := in.Root, in
	if address != "" {
		if root, at = all.document(address, in); at == nil {
			return nil, nil, fmt.Errorf("%w: it refers to %.200q, which is neither in the schema nor a reference of it in "+
				"the registry", ErrSchema, ref)
		}
	}
	v, ok := at.part(root, fragment)
	if !ok {
		return nil, nil, fmt.Errorf("%w: it refers to %.200q, and there is no such part", ErrSchema, ref)
	}
	return v, at, nil
}

// document returns what has an address: by the name of a reference, or by an $id.
func (all Documents) document(address string, in *Document) (any, *Document) {
	tries := []string{address}
	if base := in.base(); base != nil {
		if relative, err := base.Parse(address); err == nil {
			tries = append(tries, relative.String())
		}
	}
	for _, try := range tries {
		for _, d := range all {
			for _, name := range d.names {
				if name == try {
					return d.Root, d
				}
			}
			if o := d.ids[try]; o != nil {
				return o, d
			}
		}
	}
	return nil, nil
}

// part follows the fragment of a reference: none, an anchor, or a JSON pointer.
func (d *Document) part(v any, fragment string) (any, bool) {
	if fragment == "" {
		return v, true
	}
	if !strings.HasPrefix(fragment, "/") {
		o := d.ids["#"+fragment]
		return o, o != nil
	}
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	for step := range strings.SplitSeq(fragment[1:], "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch at := v.(type) {
		case *Object:
			v = at.Members[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, v != nil
}
