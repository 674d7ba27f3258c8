package jsonschema

import (
	"fmt"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/internal/extent"
	"github.com/suiro/suiro/transforms/formats/internal/room"
	"github.com/suiro/suiro/transforms/formats/jsonschema/internal/document"
	"github.com/suiro/suiro/transforms/formats/registry"
)

// ParseSchema turns the text of a JSON Schema into a Connect schema. The package doc says
// how.
func ParseSchema(text string, references []registry.Reference, o Options) (*data.Schema, error) {
	length := len(text)
	for _, r := range references {
		length += len(r.Text)
	}
	if length > registry.MaxText {
		return nil, fmt.Errorf("%w: its text has %d bytes: want at most %d", ErrSchema, length, registry.MaxText)
	}
	all, err := document.New(text, references)
	if err != nil {
		return nil, err
	}
	p := parser{Options: o, documents: all, open: map[*document.Object]bool{}, known: map[*document.Object]*data.Schema{},
		describer: describer{room.For(extent.Max / room.PerByte)}}
	s, err := p.schema(all[0].Root, all[0])
	if err != nil {
		return nil, err
	}
	if err := extent.Check(s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return s, nil
}

// parser reads one schema.
type parser struct {
	Options
	describer
	documents document.Documents
	open      map[*document.Object]bool // what is being read
	known     map[*document.Object]*data.Schema
	unions    int
}

var errAnything = fmt.Errorf("%w: it allows any value, which Connect cannot express: give it a type", ErrSchema)

// schema reads one schema. The result may be shared.
func (p *parser) schema(raw any, in *document.Document) (*data.Schema, error) {
	o, ok := raw.(*document.Object)
	if b, is := raw.(bool); is && b {
		return nil, errAnything
	}
	if !ok {
		return nil, fmt.Errorf("%w: want an object, got %.100s", ErrSchema, document.AppendText(nil, raw))
	}
	if s := p.known[o]; s != nil {
		return s, nil
	}
	switch {
	case p.open[o]:
		return nil, fmt.Errorf("%w: %s contains itself, which is not supported", ErrSchema, nameOf(o))
	case len(p.open) > extent.MaxDepth:
		return nil, fmt.Errorf("%w: %w", ErrSchema, extent.ErrDepth)
	}
	p.open[o] = true
	defer delete(p.open, o)
	s, err := p.read(o, in)
	if err != nil {
		return nil, err
	}
	p.known[o] = s
	return s, nil
}

func nameOf(o *document.Object) string {
	for _, word := range []string{"title", "$id", "$ref"} {
		if text := o.Text(word); text != "" {
			return fmt.Sprintf("%.80q", text)
		}
	}
	return "a type"
}

// What says that a schema has a type of its own, beside those that it is combined of.
var (
	ofObjects = []string{"properties", "additionalProperties", "required", "patternProperties", "propertyNames",
		"minProperties", "maxProperties", "dependencies"}
	ofArrays  = []string{"items", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains"}
	ofStrings = []string{"minLength", "maxLength", "pattern", "format"}
	ofNumbers = []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)

// isTyped reports whether a schema says itself what its values are.
func isTyped(o *document.Object) bool {
	return o.Has("type", "enum", "const") || o.Has(ofObjects...) || o.Has(ofArrays...) || o.Has(ofStrings...) ||
		o.Has(ofNumbers...)
}

func (p *parser) read(o *document.Object, in *document.Document) (*data.Schema, error) {
	if ref := o.Text("$ref"); ref != "" {
		v, at, err := p.documents.Find(ref, in)
		if err != nil {
			return nil, err
		}
		return p.schema(v, at)
	}
	choice := o.List("oneOf")
	if choice == nil {
		choice = o.List("anyOf")
	}
	switch {
	case o.Has("allOf") || choice != nil && o.Has("properties"):
		return p.all(o, choice, in)
	case choice != nil:
		return p.oneOf(o, choice, in)
	case o.Has("enum", "const"):
		return p.oneValue(o, in)
	}
	return p.byType(o, in)
}

// byType reads a schema by its type, or by what only one type has.
func (p *parser) byType(o *document.Object, in *document.Document) (*data.Schema, error) {
	switch {
	case len(o.List("type")) > 0:
		return p.severalTypes(o, in)
	case o.Text("type") != "":
		return p.typed(o, o.Text("type"), in)
	case o.Has("type"):
		return nil, fmt.Errorf("%w: type %.100s: want the name of a type or a list of names", ErrSchema,
			document.AppendText(nil, o.Members["type"]))
	case o.Has(ofObjects...):
		return p.typed(o, "object", in)
	case o.Has(ofArrays...):
		return p.typed(o, "array", in)
	case o.Has(ofStrings...):
		return p.typed(o, "string", in)
	case o.Has(ofNumbers...):
		return p.typed(o, "number", in)
	}
	return nil, errAnything
}

// typed reads a schema of one type.
func (p *parser) typed(o *document.Object, name string, in *document.Document) (*data.Schema, error) {
	s, err := p.bare(o, name, in)
	if err != nil {
		return nil, err
	}
	if err := p.describe(s, o); err != nil {
		return nil, err
	}
	return s, nil
}

// bare reads a type without what is said about it. The result is not shared.
func (p *parser) bare(o *document.Object, name string, in *document.Document) (*data.Schema, error) {
	switch name {
	case "boolean":
		return &data.Schema{Kind: data.Boolean}, nil
	case "string":
		if o.Text(propType) == "bytes" {
			return &data.Schema{Kind: data.Bytes}, nil
		}
		return &data.Schema{Kind: data.String}, nil
	case "integer", "number":
		return number(o, name)
	case "array":
		return p.array(o, in)
	case "object":
		return p.object(o, in)
	case "null":
		return nil, fmt.Errorf("%w: null outside oneOf, which Connect cannot express", ErrSchema)
	}
	return nil, fmt.Errorf("%w: unknown type %.80q", ErrSchema, name)
}

var numbers = map[string]data.Kind{"int8": data.Int8, "int16": data.Int16, "int32": data.Int32, "int64": data.Int64,
	"float32": data.Float32, "float64": data.Float64, "bytes": data.Bytes}

func number(o *document.Object, name string) (*data.Schema, error) {
	own := o.Text(propType)
	switch {
	case own == "" && name == "integer":
		own = "int64"
	case own == "":
		own = "float64"
	}
	kind, ok := numbers[own]
	if !ok {
		return nil, fmt.Errorf("%w: %s %.80q of a number", ErrSchema, propType, own)
	}
	return &data.Schema{Kind: kind}, nil
}

func (p *parser) array(o *document.Object, in *document.Document) (*data.Schema, error) {
	items := o.Object("items")
	if items == nil {
		return nil, fmt.Errorf("%w: an array whose items have no type in common", ErrSchema)
	}
	if o.Text(propType) == "map" {
		if entry := items.Object("properties"); entry != nil {
			return p.entries(entry, in)
		}
	}
	elem, err := p.schema(items, in)
	if err != nil {
		return nil, data.InField("items", err)
	}
	return &data.Schema{Kind: data.Array, Elem: elem}, nil
}

func (p *parser) entries(entry *document.Object, in *document.Document) (*data.Schema, error) {
	s := &data.Schema{Kind: data.Map}
	for name, part := range map[string]**data.Schema{entryKey: &s.Key, entryValue: &s.Elem} {
		if !entry.Has(name) {
			return nil, fmt.Errorf("%w: a map whose entries have no %s", ErrSchema, name)
		}
		var err error
		if *part, err = p.schema(entry.Members[name], in); err != nil {
			return nil, data.InField(name, err)
		}
	}
	if s.Key.Kind == data.String && !s.Key.Optional {
		return nil, fmt.Errorf("%w: a map with string keys that is an array", ErrSchema)
	}
	return s, nil
}

func (p *parser) object(o *document.Object, in *document.Document) (*data.Schema, error) {
	elem := o.Object("additionalProperties")
	isMap := o.Text(propType) == "map"
	if isMap || elem != nil && len(elem.Names) > 0 && !o.Has("properties") {
		if elem == nil {
			return nil, fmt.Errorf("%w: a map whose values have no type", ErrSchema)
		}
		s, err := p.schema(elem, in)
		if err != nil {
			return nil, data.InField("additionalProperties", err)
		}
		return &data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.String}, Elem: s}, nil
	}
	return p.structure([]properties{propertiesOf(o, in)})
}
