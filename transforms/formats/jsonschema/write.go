package jsonschema

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/jsontext"
	"github.com/suiro/suiro/transforms/formats/internal/extent"
)

// Text turns a Connect schema into the text of a JSON Schema. The same schema always
// gives the same text.
func Text(s *data.Schema, o Options) (string, error) {
	if s == nil {
		return "", fmt.Errorf("%w: the data has no schema: use a converter that gives it one", ErrSchema)
	}
	if err := extent.Check(s); err != nil {
		return "", fmt.Errorf("%w: %w", ErrSchema, err)
	}
	w := writer{Options: o}
	if err := w.schema(s, noIndex); err != nil {
		return "", err
	}
	return string(w.text), nil
}

// noIndex is the place of what is not a field.
const noIndex = -1

type writer struct {
	Options
	text []byte
}

func (w *writer) raw(text string)         { w.text = append(w.text, text...) }
func (w *writer) member(name, raw string) { w.raw(`,"` + name + `":` + raw) }
func (w *writer) quoted(name, text string) {
	w.member(name, string(jsontext.AppendString(nil, text)))
}

func (w *writer) index(i int) {
	if i != noIndex {
		w.member(propIndex, strconv.Itoa(i))
	}
}

// schema appends s, as oneOf with null when it is optional.
func (w *writer) schema(s *data.Schema, index int) error {
	if s == nil {
		return fmt.Errorf("%w: values without a type in common", ErrSchema)
	}
	if isUnion(s) {
		return w.union(s, index)
	}
	if !s.Optional {
		return w.plain(s, index)
	}
	w.raw(`{"oneOf":[{"type":"null"},`)
	if err := w.plain(s, noIndex); err != nil {
		return err
	}
	w.raw("]")
	w.index(index)
	w.raw("}")
	return nil
}

func (w *writer) union(s *data.Schema, index int) error {
	if len(s.Fields) == 0 {
		return fmt.Errorf("%w: a union without types", ErrSchema)
	}
	w.raw(`{"oneOf":[`)
	if s.Optional {
		w.raw(`{"type":"null"},`)
	}
	for i, f := range s.Fields {
		if i > 0 {
			w.raw(",")
		}
		own := *f.Schema
		own.Optional = false
		if err := w.schema(&own, i); err != nil {
			return data.InField(f.Name, err)
		}
	}
	w.raw("]")
	w.index(index)
	w.raw("}")
	return nil
}

func (w *writer) plain(s *data.Schema, index int) error {
	if err := w.kind(s); err != nil {
		return err
	}
	if s.Name != "" {
		w.quoted("title", s.Name)
	}
	if s.Doc != "" {
		w.quoted("description", s.Doc)
	}
	if s.Version != 0 {
		w.member(propVersion, strconv.Itoa(s.Version))
	}
	w.parameters(s)
	if s.Default != nil {
		text, err := encoder{w.Options}.append(nil, s, s.Default)
		if err != nil {
			return fmt.Errorf("%w: default: %w", ErrSchema, err)
		}
		w.member("default", string(text))
	}
	w.index(index)
	w.raw("}")
	return nil
}

// kind opens an object and appends the type.
func (w *writer) kind(s *data.Schema) error {
	if s.Name != "" {
		if kind, ok := logicalKinds[s.Name]; ok && kind != s.Kind {
			return fmt.Errorf("%w: the schema %s is of type %v, want %v", ErrSchema, s.Name, s.Kind, kind)
		}
	}
	switch s.Kind {
	case data.Boolean:
		w.raw(`{"type":"boolean"`)
	case data.String:
		w.str(s)
	case data.Bytes:
		return w.bytes(s)
	case data.Array:
		w.raw(`{"type":"array","items":`)
		return w.schema(s.Elem, noIndex)
	case data.Map:
		return w.mapping(s)
	case data.Struct:
		return w.structure(s)
	case data.Float32, data.Float64:
		w.raw(`{"type":"number","` + propType + `":"` + strings.ToLower(s.Kind.String()) + `"`)
	default:
		w.raw(`{"type":"integer","` + propType + `":"` + strings.ToLower(s.Kind.String()) + `"`)
	}
	return nil
}

func (w *writer) bytes(s *data.Schema) error {
	name := "string"
	if s.Name == data.DecimalName {
		if _, err := s.Scale(); err != nil {
			return fmt.Errorf("%w: %w", ErrSchema, err)
		}
		if w.NumericDecimals {
			name = "number"
		}
	}
	w.raw(`{"type":"` + name + `","` + propType + `":"bytes"`)
	return nil
}

func (w *writer) str(s *data.Schema) {
	symbols := symbolsOf(s)
	if len(symbols) == 0 {
		w.raw(`{"type":"string"`)
		return
	}
	w.raw(`{"enum":[`)
	for i, symbol := range symbols {
		if i > 0 {
			w.raw(",")
		}
		w.text = jsontext.AppendString(w.text, symbol)
	}
	w.raw("]")
}

// symbolsOf returns the texts of an enum: in their order if the parameters say one, else
// sorted.
func symbolsOf(s *data.Schema) []string {
	type symbol struct {
		text  string
		place int
	}
	var all []symbol
	for name, value := range s.Parameters {
		if text, ok := strings.CutPrefix(name, EnumParameter+"."); ok {
			all = append(all, symbol{text: text})
		} else if text, ok := strings.CutPrefix(name, generalEnum+"."); ok {
			place, _ := strconv.Atoi(value)
			all = append(all, symbol{text, place})
		}
	}
	slices.SortFunc(all, func(a, b symbol) int {
		if a.place != b.place {
			return a.place - b.place
		}
		return strings.Compare(a.text, b.text)
	})
	texts := make([]string, len(all))
	for i, s := range all {
		texts[i] = s.text
	}
	return texts
}

func (w *writer) mapping(s *data.Schema) error {
	if s.Key == nil {
		return fmt.Errorf("%w: a map whose keys have no type in common", ErrSchema)
	}
	if isNamed(s) {
		w.raw(`{"type":"object","` + propType + `":"map","additionalProperties":`)
		return w.schema(s.Elem, noIndex)
	}
	w.raw(`{"type":"array","` + propType + `":"map","items":{"type":"object","properties":{"` + entryKey + `":`)
	if err := w.schema(s.Key, 0); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	w.raw(`,"` + entryValue + `":`)
	if err := w.schema(s.Elem, 1); err != nil {
		return err
	}
	w.raw("}}")
	return nil
}

func (w *writer) structure(s *data.Schema) error {
	w.raw(`{"type":"object","properties":{`)
	for i, f := range s.Fields {
		if i > 0 {
			w.raw(",")
		}
		w.text = append(jsontext.AppendString(w.text, f.Name), ':')
		if err := w.schema(f.Schema, i); err != nil {
			return data.InField(f.Name, err)
		}
	}
	w.raw("}")
	if !w.Open {
		w.member("additionalProperties", "false")
	}
	return nil
}

// parameters appends those that say nothing about the type.
func (w *writer) parameters(s *data.Schema) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		if !strings.HasPrefix(name, namespace) && !strings.HasPrefix(name, generalEnum) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	w.raw(`,"` + propParameters + `":{`)
	for i, name := range names {
		if i > 0 {
			w.raw(",")
		}
		w.text = append(jsontext.AppendString(w.text, name), ':')
		w.text = jsontext.AppendString(w.text, s.Parameters[name])
	}
	w.raw("}")
}
