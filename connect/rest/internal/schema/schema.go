// Package schema describes the JSON form of Go types as OpenAPI 3.0 does.
package schema

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"time"
)

// Schema is a JSON schema as OpenAPI 3.0 writes it.
type Schema map[string]any

// Set collects the schemas of named structs. It is not safe for concurrent use.
type Set struct {
	own   map[reflect.Type]Schema
	named map[string]Schema
}

// NewSet returns an empty set. own are the schemas of types whose JSON is not what their
// kind says.
func NewSet(own map[reflect.Type]Schema) *Set { return &Set{own, map[string]Schema{}} }

// Named returns the schemas of all structs that schemas have referred to, by the names
// of their types.
func (s *Set) Named() map[string]Schema { return s.named }

var (
	timeType = reflect.TypeFor[time.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// Of returns the schema of a type. A struct is referred to by its name.
func (s *Set) Of(t reflect.Type) Schema {
	if own := s.own[t]; own != nil {
		return maps.Clone(own)
	}
	switch {
	case t == timeType:
		return Schema{"type": "string", "format": "date-time"}
	case t == rawType:
		return Schema{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.Of(t.Elem()))
	case reflect.Struct:
		return s.ref(t)
	case reflect.Map:
		return Schema{"type": "object", "additionalProperties": s.Of(t.Elem())}
	case reflect.Slice:
		return Schema{"type": "array", "items": s.Of(t.Elem())}
	case reflect.Bool:
		return Schema{"type": "boolean"}
	case reflect.String:
		return Schema{"type": "string"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return Schema{"type": "integer"}
	}
	return Schema{} // any value
}

// nullable is a schema or null.
func nullable(of Schema) Schema {
	if _, isRef := of["$ref"]; isRef {
		return Schema{"allOf": []Schema{of}, "nullable": true}
	}
	of["nullable"] = true
	return of
}

// ref refers to the schema of a struct, which is made once.
func (s *Set) ref(t reflect.Type) Schema {
	if s.named[t.Name()] == nil {
		made := Schema{"type": "object"}
		s.named[t.Name()] = made // before its fields, one of which may be of the same type
		properties, required := map[string]Schema{}, []string{}
		s.fields(t, properties, &required)
		made["properties"] = properties
		if len(required) > 0 {
			made["required"] = required
		}
	}
	return Schema{"$ref": "#/components/schemas/" + t.Name()}
}

// fields adds the fields of a struct, and those of the structs that are embedded in it.
func (s *Set) fields(t reflect.Type, properties map[string]Schema, required *[]string) {
	for f := range t.Fields() {
		if f.Anonymous && f.Tag.Get("json") == "" {
			s.fields(f.Type, properties, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		of := f.Type
		if optional && of.Kind() == reflect.Pointer {
			of = of.Elem() // it is left out and never null
		}
		properties[name] = s.Of(of)
		if !optional {
			*required = append(*required, name)
		}
	}
}
