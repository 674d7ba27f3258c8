package hive

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Column is a column of a table.
type Column struct {
	// Name is in lower case, as the metastore keeps it.
	Name string
	// Type is Hive's type, as struct<a:int>.
	Type string
	// Comment is for people.
	Comment string
}

// record is as much of an Avro record schema as columns need.
type record struct {
	Type   string  `json:"type"`
	Name   string  `json:"name"`
	Fields []field `json:"fields"`
}

type field struct {
	Name string          `json:"name"`
	Doc  string          `json:"doc"`
	Type json.RawMessage `json:"type"`
	// Default is nil when there is none; null is the text null.
	Default json.RawMessage `json:"default"`
}

func parseRecord(schema string) (record, error) {
	var r record
	if err := json.Unmarshal([]byte(schema), &r); err != nil || r.Type != "record" {
		return r, fmt.Errorf("a table needs the schema of an Avro record, not %.60s", schema)
	}
	return r, nil
}

// Columns returns the columns of an Avro record schema.
func Columns(schema string) ([]Column, error) {
	r, err := parseRecord(schema)
	if err != nil {
		return nil, err
	}
	named := map[string]json.RawMessage{}
	columns := make([]Column, len(r.Fields))
	for i, f := range r.Fields {
		t, err := typeOf(f.Type, named)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
		columns[i] = Column{Name: strings.ToLower(f.Name), Type: t, Comment: f.Doc}
	}
	return columns, nil
}

// Without returns an Avro record schema without the fields that have the name
// of a partition column: a table cannot have a column twice.
func Without(schema string, keys []string) (string, error) {
	r, err := parseRecord(schema)
	if err != nil {
		return "", err
	}
	isKey := func(f field) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, f.Name) })
	}
	if !slices.ContainsFunc(r.Fields, isKey) {
		return schema, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(schema), &members); err != nil {
		return "", err
	}
	var fields, kept []json.RawMessage
	if err := json.Unmarshal(members["fields"], &fields); err != nil {
		return "", err
	}
	for i, f := range r.Fields {
		if !isKey(f) {
			kept = append(kept, fields[i])
		}
	}
	if members["fields"], err = json.Marshal(kept); err != nil {
		return "", err
	}
	text, err := json.Marshal(members)
	return string(text), err
}

// primitive returns Hive's name of a type of Avro, "" if it is not primitive.
func primitive(name string) string {
	return map[string]string{"null": "void", "boolean": "boolean", "int": "int", "long": "bigint",
		"float": "float", "double": "double", "bytes": "binary", "string": "string"}[name]
}

// complexType is a type written as an object.
type complexType struct {
	Type      json.RawMessage `json:"type"`
	Name      string          `json:"name"`
	Logical   string          `json:"logicalType"`
	Precision int             `json:"precision"`
	Scale     int             `json:"scale"`
	Items     json.RawMessage `json:"items"`
	Values    json.RawMessage `json:"values"`
	Fields    []field         `json:"fields"`
}

func typeOf(raw json.RawMessage, named map[string]json.RawMessage) (string, error) {
	var name string
	if json.Unmarshal(raw, &name) == nil {
		if p := primitive(name); p != "" {
			return p, nil
		}
		if def := named[lastName(name)]; def != nil {
			return typeOf(def, named)
		}
		return "", fmt.Errorf("type %q is not known", name)
	}
	var union []json.RawMessage
	if json.Unmarshal(raw, &union) == nil {
		return unionType(union, named)
	}
	var c complexType
	if err := json.Unmarshal(raw, &c); err != nil {
		return "", err
	}
	if c.Name != "" {
		named[lastName(c.Name)] = raw
	}
	return c.hive(named)
}

func lastName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func unionType(union []json.RawMessage, named map[string]json.RawMessage) (string, error) {
	var types []string
	for _, raw := range union {
		t, err := typeOf(raw, named)
		if err != nil {
			return "", err
		}
		if t != "void" {
			types = append(types, t)
		}
	}
	if len(types) == 1 {
		return types[0], nil
	}
	return "uniontype<" + strings.Join(types, ",") + ">", nil
}

func (c *complexType) hive(named map[string]json.RawMessage) (string, error) {
	var kind string
	if err := json.Unmarshal(c.Type, &kind); err != nil {
		return typeOf(c.Type, named)
	}
	switch c.Logical {
	case "decimal":
		return fmt.Sprintf("decimal(%d,%d)", c.Precision, c.Scale), nil
	case "date":
		return "date", nil
	case "timestamp-millis":
		return "timestamp", nil
	}
	switch kind {
	case "array":
		t, err := typeOf(c.Items, named)
		return "array<" + t + ">", err
	case "map":
		t, err := typeOf(c.Values, named)
		return "map<string," + t + ">", err
	case "fixed":
		return "binary", nil
	case "enum":
		return "string", nil
	case "record":
		return c.structType(named)
	}
	if p := primitive(kind); p != "" {
		return p, nil
	}
	return "", fmt.Errorf("type %q is not known", kind)
}

func (c *complexType) structType(named map[string]json.RawMessage) (string, error) {
	parts := make([]string, len(c.Fields))
	for i, f := range c.Fields {
		t, err := typeOf(f.Type, named)
		if err != nil {
			return "", err
		}
		parts[i] = strings.ToLower(f.Name) + ":" + t
	}
	return "struct<" + strings.Join(parts, ",") + ">", nil
}

// Extends reports whether a schema is the older one with fields added at the
// end, each with a default, so that Hive reads the older files by it.
func Extends(newer, older string) bool {
	n, err1 := parseRecord(newer)
	o, err2 := parseRecord(older)
	if err1 != nil || err2 != nil || len(n.Fields) <= len(o.Fields) {
		return false
	}
	for i, f := range o.Fields {
		if f.Name != n.Fields[i].Name || !sameJSON(f.Type, n.Fields[i].Type) {
			return false
		}
	}
	for _, f := range n.Fields[len(o.Fields):] {
		if f.Default == nil {
			return false
		}
	}
	return true
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
