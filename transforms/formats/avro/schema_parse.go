package avro

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
	"github.com/suiro/suiro/transforms/formats/internal/room"
)

// ErrSchema is the cause of every error about a schema that is wrong, or that the
// other side cannot express.
var ErrSchema = datum.ErrSchema

const (
	// propName keeps the name of a field that Avro does not allow.
	propName = "suiro.name"
	// propType tells INT8 and INT16 from INT32, as Confluent's converter does.
	propType = "connect.type"
)

// ParseSchema turns the JSON text of an Avro schema into a Connect schema. The
// package doc says how, and what is ignored.
//
// references are the texts of the schemas that define types which text uses without
// defining them. A schema that refers to others comes after them.
func ParseSchema(text []byte, references ...[]byte) (*data.Schema, error) {
	return Reading{}.parse(text, references)
}

// Reading says how schemas become Connect's. The zero Reading is that of [ParseSchema].
type Reading struct {
	// FullNames says that the fields of a union are always named with namespaces, as
	// Confluent's converter does with enhanced.avro.schema.support.
	FullNames bool
}

func (r Reading) parse(text []byte, references [][]byte) (*data.Schema, error) {
	length := len(text)
	for _, reference := range references {
		length += len(reference)
	}
	if length > MaxText {
		return nil, fmt.Errorf("%w: its text has %d bytes: want at most %d", ErrSchema, length, MaxText)
	}
	p := parser{Reading: r, named: map[string]*data.Schema{}, defaults: defaults{room.For(length)}}
	for i, reference := range references {
		if _, err := p.read(reference); err != nil {
			return nil, fmt.Errorf("reference %d of %d: %w", i+1, len(references), err)
		}
	}
	s, err := p.read(text)
	if err != nil {
		return nil, err
	}
	return s, checkExtent(s)
}

// parser reads one schema. named holds the types defined so far; nil while one is
// being defined.
type parser struct {
	Reading
	named    map[string]*data.Schema
	defaults defaults
	depth    int
}

func (p *parser) read(text []byte) (*data.Schema, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("%w: not JSON: %w", ErrSchema, err)
	}
	if d.More() {
		return nil, fmt.Errorf("%w: text after the schema", ErrSchema)
	}
	s, err := p.schema(raw, "")
	if err == nil && p.defaults.room.Exceeded() {
		return nil, errExtent
	}
	return s, err
}

var primitives = map[string]data.Kind{
	"boolean": data.Boolean, "int": data.Int32, "long": data.Int64, "float": data.Float32,
	"double": data.Float64, "bytes": data.Bytes, "string": data.String,
}

func (p *parser) schema(raw any, namespace string) (*data.Schema, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, errDepth
	}
	defer func() { p.depth-- }()
	switch raw := raw.(type) {
	case string:
		return p.byName(raw, namespace)
	case []any:
		return p.union(raw, namespace)
	case map[string]any:
		return p.object(raw, namespace)
	default:
		return nil, fmt.Errorf("%w: want a name, an object or a union, got %s", ErrSchema, shown(raw))
	}
}

func (p *parser) byName(name, namespace string) (*data.Schema, error) {
	if kind, ok := primitives[name]; ok {
		return &data.Schema{Kind: kind}, nil
	}
	if name == "null" {
		return nil, fmt.Errorf("%w: null outside a union, which Connect cannot express", ErrSchema)
	}
	for _, full := range []string{fullName(name, namespace), name} {
		if s, ok := p.named[full]; ok {
			if s == nil {
				return nil, fmt.Errorf("%w: %.80s contains itself, which is not supported", ErrSchema, full)
			}
			return s, nil
		}
	}
	return nil, fmt.Errorf("%w: unknown type %.80q: a type must be defined before it is used", ErrSchema, name)
}

func (p *parser) object(raw map[string]any, namespace string) (*data.Schema, error) {
	var s *data.Schema
	var err error
	switch typ := raw["type"].(type) {
	case string:
		s, err = p.typed(typ, raw, namespace)
	case nil:
		return nil, fmt.Errorf("%w: object without a type", ErrSchema)
	default: // {"type": {...}} or {"type": [...]}
		return p.schema(typ, namespace)
	}
	if err != nil {
		return nil, err
	}
	own := *s
	readProperties(&own, raw, &p.defaults)
	if full, ok := p.nameOf(raw, namespace); ok && p.named[full] == s {
		p.named[full] = &own
	}
	return &own, nil
}

func (p *parser) typed(typ string, raw map[string]any, namespace string) (*data.Schema, error) {
	switch typ {
	case "record", "error":
		return p.record(raw, namespace)
	case "enum":
		return p.enum(raw, namespace)
	case "fixed":
		return p.fixed(raw, namespace)
	case "array":
		elem, err := p.schema(raw["items"], namespace)
		if err != nil {
			return nil, data.InField("items", err)
		}
		return &data.Schema{Kind: data.Array, Elem: elem}, nil
	case "map":
		elem, err := p.schema(raw["values"], namespace)
		if err != nil {
			return nil, data.InField("values", err)
		}
		return &data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.String}, Elem: elem}, nil
	default:
		return p.byName(typ, namespace)
	}
}

// nameOf returns the full name of the type defined by raw, if it has one.
func (p *parser) nameOf(raw map[string]any, namespace string) (string, bool) {
	name, ok := raw["name"].(string)
	if !ok {
		return "", false
	}
	if ns, ok := raw["namespace"].(string); ok {
		namespace = ns
	}
	return fullName(name, namespace), true
}

// open begins the definition of a named type.
func (p *parser) open(raw map[string]any, namespace string) (string, error) {
	full, ok := p.nameOf(raw, namespace)
	if !ok {
		return "", fmt.Errorf("%w: %v without a name", ErrSchema, raw["type"])
	}
	if !readableFull(full) {
		return "", fmt.Errorf("%w: name %.80q: want letters, digits and underscores between dots", ErrSchema, full)
	}
	if _, ok := p.named[full]; ok {
		return "", fmt.Errorf("%w: %.80s is defined twice", ErrSchema, full)
	}
	p.named[full] = nil
	return full, nil
}

func (p *parser) record(raw map[string]any, namespace string) (*data.Schema, error) {
	full, err := p.open(raw, namespace)
	if err != nil {
		return nil, err
	}
	list, ok := raw["fields"].([]any)
	if !ok {
		return nil, fmt.Errorf("%w: record %.80s has no list of fields", ErrSchema, full)
	}
	if full == datum.UnionName {
		return nil, fmt.Errorf("%w: a record is named %s, which is the name of unions in Connect", ErrSchema, full)
	}
	s := &data.Schema{Kind: data.Struct, Name: full, Fields: make([]data.Field, 0, len(list))}
	if strings.HasPrefix(full, defaultNamespace+"."+defaultName) {
		s.Name = "" // Confluent's converter gives this name to a record without one
	}
	seen, original := map[string]bool{}, map[string]bool{}
	for _, item := range list {
		f, name, err := p.field(item, namespaceOf(full))
		if err != nil {
			return nil, data.InField(full+"."+name, err)
		}
		if seen[name] || original[f.Name] {
			return nil, fmt.Errorf("%w: %.80s has field %.80q twice", ErrSchema, full, name)
		}
		seen[name], original[f.Name] = true, true
		s.Fields = append(s.Fields, f)
	}
	p.named[full] = s
	return s, nil
}

// field returns a field under the name it has in Connect, and its Avro name.
func (p *parser) field(item any, namespace string) (data.Field, string, error) {
	raw, _ := item.(map[string]any)
	name, _ := raw["name"].(string)
	if !readableName(name) {
		return data.Field{}, name, fmt.Errorf("%w: field name %.80q: want letters, digits and underscores", ErrSchema, name)
	}
	s, err := p.schema(raw["type"], namespace)
	if err != nil {
		return data.Field{}, name, err
	}
	own := *s
	if doc, ok := raw["doc"].(string); ok {
		own.Doc = doc
	}
	if d, ok := raw["default"]; ok && d != nil {
		p.defaults.set(&own, d)
	}
	f := data.Field{Name: name, Schema: &own}
	if original, ok := raw[propName].(string); ok {
		f.Name = original
		own.Parameters = with(own.Parameters, datum.ParamName, name)
	}
	return f, name, nil
}

func (p *parser) enum(raw map[string]any, namespace string) (*data.Schema, error) {
	full, err := p.open(raw, namespace)
	if err != nil {
		return nil, err
	}
	list, _ := raw["symbols"].([]any)
	symbols, seen := make([]string, len(list)), make(map[string]bool, len(list))
	for i, item := range list {
		symbol, _ := item.(string)
		if !readableName(symbol) || seen[symbol] {
			return nil, fmt.Errorf("%w: enum %.80s: symbol %s is not a name, or it occurs twice", ErrSchema, full, shown(item))
		}
		symbols[i], seen[symbol] = symbol, true
	}
	if len(symbols) == 0 {
		return nil, fmt.Errorf("%w: enum %.80s has no symbols", ErrSchema, full)
	}
	s := &data.Schema{Kind: data.String,
		Parameters: map[string]string{datum.ParamEnum: full, datum.ParamSymbols: strings.Join(symbols, ",")}}
	p.named[full] = s
	return s, nil
}

func (p *parser) fixed(raw map[string]any, namespace string) (*data.Schema, error) {
	full, err := p.open(raw, namespace)
	if err != nil {
		return nil, err
	}
	n, _ := raw["size"].(json.Number)
	size, err := strconv.Atoi(n.String())
	if err != nil || size < 0 {
		return nil, fmt.Errorf("%w: fixed %.80s: size %s: want a number from 0", ErrSchema, full, shown(raw["size"]))
	}
	s := &data.Schema{Kind: data.Bytes,
		Parameters: map[string]string{datum.ParamFixedAs: full, datum.ParamFixed: strconv.Itoa(size)}}
	p.named[full] = s
	return s, nil
}

func fullName(name, namespace string) string {
	if strings.Contains(name, ".") || namespace == "" {
		return strings.TrimPrefix(name, ".")
	}
	return namespace + "." + name
}

func namespaceOf(full string) string {
	if i := strings.LastIndexByte(full, '.'); i >= 0 {
		return full[:i]
	}
	return ""
}
