package parsers

import (
	"errors"
	"fmt"
	"maps"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/internal/smt"
)

// format is a kind of text.
type format struct {
	name   string // as errors call it
	read   func(text []byte) (any, error)
	schema *data.Schema // of what read returns, nil when it has none
	remedy string       // how the operator gives it a schema
}

// parser makes data of text in one place of records.
type parser struct {
	format
	part        smt.Part
	around      *smt.Tree[struct{}] // leads to the struct that holds the text; nil when that is the whole
	field       string              // name of the field with the text; "" for the whole
	target      string              // name of the field for the data
	replaceNull bool
	schemas     smt.Schemas
}

// newParser returns a parser of f. An error is a [config.Errors].
func newParser(part smt.Part, place Place, f format) (*parser, error) {
	if err := place.check().OrNil(); err != nil {
		return nil, err
	}
	path, _ := place.path() // checked
	p := &parser{format: f, part: part, replaceNull: place.ReplaceNull}
	if path == nil {
		return p, nil
	}
	last := len(path) - 1
	p.field, p.target = path[last], path[last]
	if place.Target != "" {
		p.target = place.Target
	}
	if last > 0 {
		p.around = &smt.Tree[struct{}]{}
		return p, p.around.Add(path[:last], struct{}{})
	}
	return p, nil
}

// apply returns r with data made of the text.
func (p *parser) apply(r *connect.Record) (*connect.Record, error) {
	if p.field == "" {
		return p.applyWhole(r)
	}
	s, m, err := p.part.Fields(r)
	if err != nil || m == nil {
		return r, err
	}
	out, err := p.edit(s, m)
	if err != nil {
		return nil, p.inRecord(r, err)
	}
	return p.part.Replace(r, p.schemas.Of(s, p.schemaOf), out), nil
}

func (p *parser) applyWhole(r *connect.Record) (*connect.Record, error) {
	_, v, err := p.part.Decode(r)
	if err != nil || v == nil {
		return r, err
	}
	made, err := p.data(v)
	if err != nil {
		return nil, p.inRecord(r, err)
	}
	return p.part.Replace(r, p.schema, made), nil
}

// inRecord says in which record something is wrong.
func (p *parser) inRecord(r *connect.Record, err error) error {
	return fmt.Errorf("parse %s in the %s of topic %s: %w", p.name, p.part, r.Topic, err)
}

// data reads a text, which may be null.
func (p *parser) data(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return p.read([]byte(v))
	case []byte:
		return p.read(v)
	}
	return nil, fmt.Errorf("%s is not text: want a string or bytes", data.Describe(v))
}

// edit returns a copy of m with the data.
func (p *parser) edit(s *data.Schema, m map[string]any) (map[string]any, error) {
	if p.around == nil {
		return p.editFields(s, m)
	}
	return p.around.Edit(s, m, p.replaceNull, p.editStruct)
}

// editStruct is editFields for the value of a field.
func (p *parser) editStruct(_ struct{}, s *data.Schema, v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	m, err := smt.FieldsOf(s, v)
	if err != nil {
		return nil, err
	}
	return p.editFields(s, m)
}

// editFields returns a copy of the struct that holds the text, with the data.
func (p *parser) editFields(s *data.Schema, m map[string]any) (map[string]any, error) {
	out := maps.Clone(m)
	if s != nil {
		for _, f := range s.Fields {
			out[f.Name] = smt.WithDefault(f.Schema, m[f.Name], p.replaceNull)
		}
	}
	text, there := out[p.field]
	if !there {
		return out, nil
	}
	if s != nil && p.schema == nil {
		return nil, data.InField(p.field, errors.New(p.remedy))
	}
	made, err := p.data(text)
	if err != nil {
		return nil, data.InField(p.field, err)
	}
	out[p.target] = made
	return out, nil
}

// schemaOf returns the schema of what edit makes of data of schema s.
func (p *parser) schemaOf(s *data.Schema) *data.Schema {
	if p.around == nil {
		return p.schemaOfFields(s)
	}
	return p.around.Schema(s, func(_ struct{}, s *data.Schema) *data.Schema { return p.schemaOfFields(s) }, p.editStruct)
}

// schemaOfFields returns the schema of what editFields makes. The data's field is where
// the text was, or behind all others.
func (p *parser) schemaOfFields(s *data.Schema) *data.Schema {
	if s.Kind != data.Struct || s.Field(p.field) == nil {
		return s
	}
	out := *s
	out.Fields, out.Default = nil, p.defaultOf(s)
	made := data.Field{Name: p.target, Schema: p.schema}
	if s.Field(p.field).Schema.Optional {
		made.Schema = smt.Optional(p.schema)
	}
	for _, f := range s.Fields {
		switch f.Name {
		case p.field:
			if p.target == p.field {
				f = made
			}
		case p.target:
			continue
		}
		out.Fields = append(out.Fields, f)
	}
	if p.target != p.field {
		out.Fields = append(out.Fields, made)
	}
	return &out
}

// defaultOf returns the default of a struct with the data, nil when there is none or
// its text cannot be read.
func (p *parser) defaultOf(s *data.Schema) any {
	m, ok := s.Default.(map[string]any)
	if !ok {
		return nil
	}
	out, err := p.editFields(s, m)
	if err != nil {
		return nil
	}
	return out
}
