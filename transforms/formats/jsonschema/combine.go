package jsonschema

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/jsonschema/internal/document"
)

// properties are what one object says of its members.
type properties struct {
	of       *document.Object
	in       *document.Document
	required map[string]bool
}

func propertiesOf(o *document.Object, in *document.Document) properties {
	p := properties{o.Object("properties"), in, map[string]bool{}}
	for _, name := range o.List("required") {
		if text, ok := name.(string); ok {
			p.required[text] = true
		}
	}
	return p
}

// property is one member of an object.
type property struct {
	name     string
	raw      any
	in       *document.Document
	required bool
	index    int
}

// structure returns the STRUCT with all properties. Of one that occurs twice the last
// counts; it is required if either says so.
func (p *parser) structure(all []properties) (*data.Schema, error) {
	var list []property
	places := map[string]int{}
	for _, part := range all {
		if part.of == nil {
			continue
		}
		for _, name := range part.of.Names {
			raw := part.of.Members[name]
			i, twice := places[name]
			if !twice {
				i = len(list)
				places[name] = i
				list = append(list, property{name: name, index: i})
			}
			list[i].raw, list[i].in = raw, part.in
			if o, ok := raw.(*document.Object); ok {
				if n, ok := o.Number(propIndex); ok {
					list[i].index = n
				}
			}
		}
	}
	for i, f := range list {
		list[i].required = slices.ContainsFunc(all, func(p properties) bool { return p.required[f.name] })
	}
	slices.SortStableFunc(list, func(a, b property) int { return a.index - b.index })
	s := &data.Schema{Kind: data.Struct, Fields: make([]data.Field, 0, len(list))}
	for _, f := range list {
		field, err := p.schema(f.raw, f.in)
		if err != nil {
			return nil, data.InField(f.name, err)
		}
		if p.Required && !f.required {
			field = optional(field)
		}
		s.Fields = append(s.Fields, data.Field{Name: f.name, Schema: field})
	}
	return s, nil
}

// optional returns s as an optional schema.
func optional(s *data.Schema) *data.Schema {
	if s.Optional {
		return s
	}
	own := *s
	own.Optional = true
	return &own
}

func isNull(raw any) bool {
	o, ok := raw.(*document.Object)
	return ok && o.Text("type") == "null"
}

// oneOf reads a choice: null and one type is that type, optional; one type alone is that
// type; several types are a union.
func (p *parser) oneOf(o *document.Object, choice []any, in *document.Document) (*data.Schema, error) {
	types := slices.DeleteFunc(slices.Clone(choice), isNull)
	null := len(types) < len(choice)
	switch len(types) {
	case 0:
		return nil, fmt.Errorf("%w: oneOf or anyOf without a type", ErrSchema)
	case 1:
		s, err := p.schema(types[0], in)
		if err != nil {
			return nil, err
		}
		own := *s
		own.Optional = own.Optional || null
		return &own, p.describeMore(&own, o)
	}
	fields := make([]*data.Schema, len(types))
	for i, raw := range types {
		s, err := p.schema(raw, in)
		if err != nil {
			return nil, data.InField(p.unionField(i), err)
		}
		fields[i] = s
	}
	return p.union(fields, null), nil
}

func (p *parser) union(types []*data.Schema, null bool) *data.Schema {
	s := p.newUnion(p.unions)
	p.unions++
	s.Optional = null
	for i, t := range types {
		s.Fields = append(s.Fields, data.Field{Name: p.unionField(i), Schema: optional(t)})
	}
	return s
}

// severalTypes reads a list of types as a choice.
func (p *parser) severalTypes(o *document.Object, in *document.Document) (*data.Schema, error) {
	names := o.List("type")
	var types []*data.Schema
	null := false
	for _, raw := range names {
		name, _ := raw.(string)
		if name == "null" {
			null = true
			continue
		}
		s, err := p.bare(o, name, in)
		if err != nil {
			return nil, err
		}
		types = append(types, s)
	}
	switch len(types) {
	case 0:
		return nil, fmt.Errorf("%w: null outside oneOf, which Connect cannot express", ErrSchema)
	case 1:
		types[0].Optional = null
		return types[0], p.describe(types[0], o)
	}
	return p.union(types, null), nil
}

// oneValue reads an enum, or a const as an enum of one value.
func (p *parser) oneValue(o *document.Object, in *document.Document) (*data.Schema, error) {
	values := o.List("enum")
	if v, ok := o.Members["const"]; ok {
		values = []any{v}
	}
	null := slices.Contains(values, nil)
	name := ""
	var symbols []string
	for _, v := range values {
		if v == nil {
			continue
		}
		typ := typeOf(v)
		if typ == "integer" && name == "number" || typ == "number" && name == "integer" {
			name, typ = "number", "number"
		}
		if name != "" && name != typ {
			return nil, fmt.Errorf("%w: an enum of values of several types", ErrSchema)
		}
		name = typ
		if text, ok := v.(string); ok {
			symbols = append(symbols, text)
		}
	}
	if o.Has("type") && name != "string" {
		return p.byType(o, in)
	}
	var s *data.Schema
	var err error
	switch name {
	case "":
		return nil, fmt.Errorf("%w: an enum without a value", ErrSchema)
	case "string":
		s = p.newEnum(symbols)
		null = null || slices.Contains(o.List("type"), any("null"))
	case "object", "array":
		return nil, fmt.Errorf("%w: an enum of objects or lists", ErrSchema)
	default:
		if s, err = p.bare(o, name, in); err != nil {
			return nil, err
		}
	}
	s.Optional = null
	return s, p.describe(s, o)
}

// typeOf returns the type of a JSON value.
func typeOf(v any) string {
	switch v := v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// all reads what several schemas say together: an object with the properties of all, or
// else the first that says what the values are.
func (p *parser) all(o *document.Object, choice []any, in *document.Document) (*data.Schema, error) {
	g := gathering{documents: p.documents, seen: map[*document.Object]bool{}}
	if err := g.add(o, in); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(g.parts, func(p properties) bool { return p.of != nil }) {
		s, err := p.structure(g.parts)
		if err != nil {
			return nil, err
		}
		return s, p.describe(s, o)
	}
	if choice != nil {
		return p.oneOf(o, choice, in)
	}
	if isTyped(o) {
		return p.alone(o, in)
	}
	for _, raw := range o.List("allOf") {
		part, ok := raw.(*document.Object)
		if !ok || !isTyped(part) && !part.Has("$ref", "allOf", "oneOf", "anyOf") {
			continue
		}
		s, err := p.schema(part, in)
		if err != nil {
			return nil, err
		}
		own := *s
		return &own, p.describeMore(&own, o)
	}
	return nil, errAnything
}

// alone reads a schema without what it is combined of.
func (p *parser) alone(o *document.Object, in *document.Document) (*data.Schema, error) {
	if o.Has("enum", "const") {
		return p.oneValue(o, in)
	}
	return p.byType(o, in)
}

// gathering finds the objects that a schema is all of.
type gathering struct {
	documents document.Documents
	seen      map[*document.Object]bool
	parts     []properties
}

func (g *gathering) add(o *document.Object, in *document.Document) error {
	if g.seen[o] {
		return nil
	}
	g.seen[o] = true
	if ref := o.Text("$ref"); ref != "" {
		v, at, err := g.documents.Find(ref, in)
		if err != nil {
			return err
		}
		if referred, ok := v.(*document.Object); ok {
			return g.add(referred, at)
		}
		return nil
	}
	if o.Has("properties", "required") {
		g.parts = append(g.parts, propertiesOf(o, in))
	}
	for _, raw := range o.List("allOf") {
		if part, ok := raw.(*document.Object); ok {
			if err := g.add(part, in); err != nil {
				return err
			}
		}
	}
	return nil
}
