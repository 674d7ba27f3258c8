package avro

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro/internal/datum"
)

// UnionName is the name of a STRUCT that stands for a union of several types: it
// has a field for each type, and only one of them is not null.
const UnionName = datum.UnionName

// union reads a union. Null and one type is that type, optional; one type alone is
// that type; several types are a STRUCT with a field for each.
func (p *parser) union(raw []any, namespace string) (*data.Schema, error) {
	null := slices.Index(raw, any("null"))
	types := slices.DeleteFunc(slices.Clone(raw), func(t any) bool { return t == any("null") })
	switch {
	case len(types) == 0 || len(raw)-len(types) > 1:
		return nil, fmt.Errorf("%w: union %s: want null at most once, and another type", ErrSchema, shown(raw))
	case len(types) > 1:
		return p.several(types, null, namespace)
	}
	s, err := p.schema(types[0], namespace)
	if err != nil {
		return nil, err
	}
	if nested(types[0]) {
		return nil, errNested
	}
	own := *s
	if null < 0 {
		own.Parameters = with(own.Parameters, datum.ParamSingle, "true")
		return &own, nil
	}
	own.Optional = true
	if null == 1 {
		own.Parameters = with(own.Parameters, datum.ParamNullLast, "true")
	} else if own.Default != nil {
		own.Parameters = with(own.Parameters, datum.ParamNullLast, "false")
	}
	return &own, nil
}

var errNested = fmt.Errorf("%w: a union directly in a union, which Avro forbids", ErrSchema)

// nested reports whether a type of a union is a union, which an object may hold as its
// type.
func nested(raw any) bool {
	for {
		object, ok := raw.(map[string]any)
		if !ok {
			break
		}
		raw = object["type"]
	}
	_, ok := raw.([]any)
	return ok
}

func (p *parser) several(types []any, null int, namespace string) (*data.Schema, error) {
	out := &data.Schema{Kind: data.Struct, Name: datum.UnionName}
	if null >= 0 {
		out.Optional = true
	}
	if null > 0 {
		out.Parameters = map[string]string{datum.ParamNullAt: strconv.Itoa(null)}
	}
	names := make([]string, len(types))
	for i, raw := range types {
		if nested(raw) {
			return nil, errNested
		}
		s, err := p.schema(raw, namespace)
		if err != nil {
			return nil, err
		}
		own := *s
		own.Optional = true
		names[i] = p.branchName(raw, &own, namespace)
		out.Fields = append(out.Fields, data.Field{Schema: &own})
	}
	seen := map[string]bool{}
	if !p.FullNames {
		names = branchNames(names)
	}
	for i, name := range names {
		if seen[name] {
			return nil, fmt.Errorf("%w: union %s has the type %.80s twice", ErrSchema, shown(types), name)
		}
		seen[name] = true
		out.Fields[i].Name = name
	}
	return out, nil
}

// branchName returns the name of a type, with its namespace if it has one.
func (p *parser) branchName(raw any, s *data.Schema, namespace string) string {
	switch t := raw.(type) {
	case string:
		if _, ok := primitives[t]; ok {
			return t
		}
		if full := fullName(t, namespace); p.named[full] != nil {
			return full
		}
		return t
	case map[string]any:
		if full, ok := p.nameOf(t, namespace); ok && p.named[full] != nil {
			return full
		}
		if typ, ok := t["type"].(string); ok {
			return p.branchName(typ, s, namespace)
		}
		return p.branchName(t["type"], s, namespace)
	}
	return strings.ToLower(s.Kind.String())
}

// branchNames returns the names of types without namespaces, except where two
// would then be the same.
func branchNames(full []string) []string {
	uses := map[string]int{}
	for _, name := range full {
		uses[lastName(name)]++
	}
	out := make([]string, len(full))
	for i, name := range full {
		if out[i] = lastName(name); uses[out[i]] > 1 {
			out[i] = name
		}
	}
	return out
}

func lastName(full string) string { return full[strings.LastIndexByte(full, '.')+1:] }

// shown returns raw as JSON, cut short for an error.
func shown(raw any) string {
	text, err := json.Marshal(raw)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%.200s", text)
}

// severalTypes appends a union of several types.
func (w *writer) severalTypes(s *data.Schema, namespace string) error {
	if len(s.Fields) < 2 {
		return fmt.Errorf("%w: a union with %d types: want two or more", ErrSchema, len(s.Fields))
	}
	null := -1
	if s.Optional {
		null = datum.NullAt(s)
	}
	w.raw("[")
	for i, f := range s.Fields {
		if i > 0 {
			w.raw(",")
		}
		if i == null {
			w.raw(`"null",`)
		}
		if datum.IsUnion(f.Schema) {
			return errNested
		}
		if err := w.plain(datum.Branch(f.Schema), namespace); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if null == len(s.Fields) {
		w.raw(`,"null"`)
	}
	w.raw("]")
	return nil
}

// distinct checks that no two types of a union are the same in Avro.
func distinct(s *data.Schema) error {
	seen := map[string]bool{}
	for _, f := range s.Fields {
		name := branchOf(f.Schema)
		if name != "" && seen[name] {
			return fmt.Errorf("%w: a union has the type %.80s twice", ErrSchema, name)
		}
		seen[name] = true
	}
	return nil
}

// branchOf returns what distinguishes a type of a union from the others.
func branchOf(s *data.Schema) string {
	switch {
	case s.Kind == data.Struct:
		return s.Name
	case s.Kind == data.String && s.Parameters[datum.ParamSymbols] != "":
		return s.Parameters[datum.ParamEnum]
	case s.Kind == data.Bytes && s.Parameters[datum.ParamFixed] != "":
		return s.Parameters[datum.ParamFixedAs]
	case s.Kind == data.Array || s.Kind == data.Map:
		return strings.ToLower(s.Kind.String())
	default:
		return datum.Primitives[s.Kind]
	}
}
