package avro

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

const (
	// defaultNamespace and defaultName make the name of a record without one.
	defaultNamespace = "io.confluent.connect.avro"
	defaultName      = "ConnectDefault"
)

// SchemaText turns a Connect schema into the JSON text of an Avro schema. The same
// schema always gives the same text.
func SchemaText(s *data.Schema) (string, error) {
	w := writer{defined: map[string]*data.Schema{}}
	if err := w.schema(s, ""); err != nil {
		return "", err
	}
	return string(w.text), nil
}

// writer appends a schema as JSON, with properties in the order of Avro's
// specification.
type writer struct {
	text    []byte
	defined map[string]*data.Schema
	unnamed int
}

// schema appends s, as a union with null when it is optional.
func (w *writer) schema(s *data.Schema, namespace string) error {
	if s == nil {
		return fmt.Errorf("%w: the data has no schema: use a converter that gives it one", ErrSchema)
	}
	before, after := "", ""
	switch {
	case datum.IsUnion(s):
		if err := distinct(s); err != nil {
			return err
		}
		return w.severalTypes(s, namespace)
	case s.Optional && datum.NullLast(s):
		before, after = "[", `,"null"]`
	case s.Optional:
		before, after = `["null",`, "]"
	case s.Parameters[datum.ParamSingle] != "":
		before, after = "[", "]"
	}
	w.raw(before)
	err := w.plain(s, namespace)
	w.raw(after)
	return err
}

func (w *writer) plain(s *data.Schema, namespace string) error {
	switch {
	case s.Kind == data.Struct:
		return w.record(s, namespace)
	case s.Kind == data.Array:
		w.raw(`{"type":"array","items":`)
		err := w.schema(s.Elem, namespace)
		w.raw("}")
		return err
	case s.Kind == data.Map:
		if s.Key == nil || s.Key.Kind != data.String || s.Key.Optional {
			return fmt.Errorf("%w: the keys of a map are not strings, which Avro cannot express", ErrSchema)
		}
		w.raw(`{"type":"map","values":`)
		err := w.schema(s.Elem, namespace)
		w.raw("}")
		return err
	case s.Parameters[datum.ParamSymbols] != "" && s.Kind == data.String:
		return w.enum(s)
	case s.Parameters[datum.ParamFixed] != "" && s.Kind == data.Bytes:
		return w.fixed(s)
	default:
		return w.primitive(s)
	}
}

func (w *writer) primitive(s *data.Schema) error {
	name := datum.Primitives[s.Kind]
	props, err := properties(s)
	if err != nil {
		return err
	}
	if len(props) == 0 {
		w.text = jsontext.AppendString(w.text, name)
		return nil
	}
	w.raw(`{"type":"` + name + `"`)
	w.properties(props)
	w.raw("}")
	return nil
}

// property is a name and its value as JSON text.
type property struct{ name, value string }

// properties returns the properties of s besides its type.
func properties(s *data.Schema) ([]property, error) {
	var out []property
	add := func(name, value string) { out = append(out, property{name, quote(value)}) }
	switch s.Kind {
	case data.Int8:
		add(propType, "int8")
	case data.Int16:
		add(propType, "int16")
	}
	if l := s.Parameters[datum.ParamLogical]; l != "" {
		add("logicalType", l)
	}
	name, err := logicalName(s)
	if err != nil {
		return nil, err
	}
	switch {
	case name == "decimal":
		scale, precision, err := datum.DecimalOf(s)
		if err != nil {
			return nil, err
		}
		if scale < 0 || scale > precision {
			add("connect.name", s.Name) // by Avro's rules it is not a decimal
		}
		add("logicalType", name)
		out = append(out, property{"precision", strconv.Itoa(precision)}, property{"scale", strconv.Itoa(scale)})
	case name != "":
		add("logicalType", name)
	case s.Name != "":
		add("connect.name", s.Name)
	}
	if s.Version != 0 {
		out = append(out, property{"connect.version", strconv.Itoa(s.Version)})
	}
	return append(out, parameters(s)...), nil
}

// parameters returns the parameters of s as properties: those that came from a
// property of their own, and all others in connect.parameters.
func parameters(s *data.Schema) []property {
	var free, out []property
	for _, k := range slices.Sorted(maps.Keys(s.Parameters)) {
		p := property{k, quote(s.Parameters[k])}
		isDecimal := s.Name == data.DecimalName && (k == datum.ParamScale || k == datum.ParamDigits)
		switch {
		case slices.Contains(datum.Layout, k) || isDecimal:
		case strings.HasPrefix(k, "avro."):
			out = append(out, p)
		default:
			free = append(free, p)
		}
	}
	if len(free) == 0 {
		return out
	}
	text := []byte{'{'}
	for i, p := range free {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(jsontext.AppendString(text, p.name), ':'), p.value...)
	}
	return append(out, property{"connect.parameters", string(append(text, '}'))})
}

// logicalName returns Avro's name of a logical type of Connect, "" for others.
// Timestamps are in milliseconds because Hive reads no others.
func logicalName(s *data.Schema) (string, error) {
	l, ok := logicalKinds[s.Name]
	if ok && l.kind != s.Kind {
		return "", fmt.Errorf("%w: the schema %.80s is of type %v, want %v", ErrSchema, s.Name, s.Kind, l.kind)
	}
	return l.name, nil
}

func (w *writer) record(s *data.Schema, namespace string) error {
	name := s.Name
	if name == "" {
		name = w.unnamedName()
	}
	full, defined, err := w.define("record", name, s)
	if err != nil || defined {
		return err
	}
	if s.Doc != "" {
		w.raw(`,"doc":` + quote(s.Doc))
	}
	if s.Version != 0 {
		w.raw(`,"connect.version":` + strconv.Itoa(s.Version))
	}
	w.properties(parameters(s))
	w.raw(`,"fields":[`)
	names := FieldNames(s.Fields)
	for i, f := range s.Fields {
		if i > 0 {
			w.raw(",")
		}
		if err := w.field(f, names[i], namespaceOf(full)); err != nil {
			return fmt.Errorf("%s.%s: %w", full, f.Name, err)
		}
	}
	w.raw("]}")
	return nil
}

func (w *writer) unnamedName() string {
	w.unnamed++
	if w.unnamed == 1 {
		return defaultNamespace + "." + defaultName
	}
	return defaultNamespace + "." + defaultName + strconv.Itoa(w.unnamed)
}

// define begins the definition of a named type, or refers to it.
func (w *writer) define(typ, name string, s *data.Schema) (full string, defined bool, err error) {
	if !readableFull(name) {
		return "", false, fmt.Errorf("%w: name %.80q: want letters, digits and underscores between dots", ErrSchema, name)
	}
	if other := w.defined[name]; other != nil {
		if !sameType(other, s) {
			return "", false, fmt.Errorf("%w: two different types are named %.80s", ErrSchema, name)
		}
		w.text = jsontext.AppendString(w.text, name)
		return name, true, nil
	}
	w.defined[name] = s
	w.raw(`{"type":"` + typ + `"`)
	i := strings.LastIndexByte(name, '.')
	w.raw(`,"name":` + quote(name[i+1:]) + `,"namespace":` + quote(name[:max(i, 0)]))
	return name, false, nil
}

// sameType reports whether two schemas of one name have one definition.
func sameType(a, b *data.Schema) bool {
	return a.Kind == b.Kind && reflect.DeepEqual(a.Fields, b.Fields) &&
		a.Parameters[datum.ParamSymbols] == b.Parameters[datum.ParamSymbols] &&
		a.Parameters[datum.ParamFixed] == b.Parameters[datum.ParamFixed]
}

func (w *writer) field(f data.Field, name, namespace string) error {
	w.raw(`{"name":` + quote(name) + `,"type":`)
	if err := w.schema(f.Schema, namespace); err != nil {
		return err
	}
	switch s := f.Schema; {
	case s.Default != nil:
		text, err := defaultText(s, s.Default)
		if err != nil {
			return err
		}
		w.raw(`,"default":` + text)
	case datum.NullFirst(s):
		w.raw(`,"default":null`)
	}
	if f.Schema.Doc != "" && f.Schema.Kind != data.Struct {
		w.raw(`,"doc":` + quote(f.Schema.Doc))
	}
	if name != f.Name {
		w.raw(`,"` + propName + `":` + quote(f.Name))
	}
	w.raw("}")
	return nil
}

func (w *writer) enum(s *data.Schema) error {
	_, defined, err := w.define("enum", s.Parameters[datum.ParamEnum], s)
	if err != nil || defined {
		return err
	}
	text, err := json.Marshal(strings.Split(s.Parameters[datum.ParamSymbols], ","))
	if err != nil {
		return err
	}
	w.raw(`,"symbols":` + string(text))
	return w.endNamed(s)
}

func (w *writer) fixed(s *data.Schema) error {
	_, defined, err := w.define("fixed", s.Parameters[datum.ParamFixedAs], s)
	if err != nil || defined {
		return err
	}
	w.raw(`,"size":` + s.Parameters[datum.ParamFixed])
	return w.endNamed(s)
}

// endNamed appends the properties of an enum or a fixed, and its end.
func (w *writer) endNamed(s *data.Schema) error {
	props, err := properties(s)
	w.properties(props)
	w.raw("}")
	return err
}

func (w *writer) properties(list []property) {
	for _, p := range list {
		w.raw("," + quote(p.name) + ":" + p.value)
	}
}

func (w *writer) raw(text string) { w.text = append(w.text, text...) }

func quote(s string) string { return string(jsontext.AppendString(nil, s)) }
