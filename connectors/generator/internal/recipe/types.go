package recipe

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/data"
)

// each is about what a value takes besides its content.
const each = 64

// node reads a type. s is the same type as Connect has it, which package avro has made of the
// same text: whatever is no schema is refused there.
func (p *parser) node(raw any, s *data.Schema, namespace, path string) node {
	switch raw := raw.(type) {
	case string:
		if known, ok := p.known(raw, namespace); ok {
			return known
		}
		return p.object(map[string]any{"type": raw}, s, namespace, path)
	case []any:
		return p.union(raw, s, namespace, path)
	case map[string]any:
		return p.object(raw, s, namespace, path)
	}
	return nothing
}

// primitives are the names of types that no type of a schema can have.
var primitives = []string{"boolean", "int", "long", "float", "double", "bytes", "string"}

// known returns a type with a name that was read before.
func (p *parser) known(name, namespace string) (node, bool) {
	if slices.Contains(primitives, name) {
		return node{}, false
	}
	for _, full := range []string{fullName(name, namespace), name} {
		if n, ok := p.named[full]; ok {
			return n, true
		}
	}
	return node{}, false
}

// object reads a type that is an object in JSON.
func (p *parser) object(raw map[string]any, s *data.Schema, namespace, path string) node {
	typ, isName := raw["type"].(string)
	if !isName {
		p.misplaced(raw, path, "the type within this one")
		return p.node(raw["type"], s, namespace, path)
	}
	if known, ok := p.known(typ, namespace); ok {
		p.misplaced(raw, path, "the definition of "+typ)
		return known
	}
	name, _ := raw["name"].(string)
	full := ""
	if typ == "record" || typ == "error" || typ == "enum" || typ == "fixed" {
		if ns, ok := raw["namespace"].(string); ok {
			namespace = ns
		}
		full = fullName(name, namespace)
		namespace = full[:max(strings.LastIndexByte(full, '.'), 0)]
	}
	n := p.typed(typ, raw, s, namespace, path)
	if full != "" {
		p.named[full] = n
	}
	return n
}

// misplaced refuses properties that would have no effect.
func (p *parser) misplaced(raw map[string]any, path, where string) {
	if raw[argProperties] != nil {
		p.errorf(path, "%s have no effect here: put them into %s", argProperties, where)
	}
}

// typed reads a type by the name of its kind.
func (p *parser) typed(typ string, raw map[string]any, s *data.Schema, namespace, path string) node {
	props := propertiesOf(p, raw, typ, s, path)
	if props.has("options") {
		return optionsOf(props, s)
	}
	switch typ {
	case "record", "error":
		return p.record(raw, s, namespace, path)
	case "array":
		return p.array(props, p.node(raw["items"], s.Elem, namespace, within(path, "items")))
	case "map":
		return p.mapOf(props, p.node(raw["values"], s.Elem, namespace, within(path, "values")))
	case "enum":
		symbols, _ := raw["symbols"].([]any)
		return leaf(each, func(d *die) any { return symbols[d.IntN(len(symbols))] })
	case "boolean":
		return booleans(props)
	case "string":
		return texts(props)
	case "float", "double":
		return floatingNumbers(props, s)
	case "int", "long":
		return wholeNumbers(props, s)
	}
	if s.Name == data.DecimalName {
		return decimals(props, s, raw)
	}
	if typ == "fixed" {
		size := sizeOf(raw)
		return leaf(each+size, func(d *die) any { return randomBytes(d, size) })
	}
	return byteStrings(props)
}

func sizeOf(raw map[string]any) int {
	n, _ := raw["size"].(json.Number)
	size, _ := strconv.Atoi(n.String())
	return size
}

func randomBytes(d *die, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(d.Uint32())
	}
	return b
}

// record reads the fields of a record.
func (p *parser) record(raw map[string]any, s *data.Schema, namespace, path string) node {
	list, _ := raw["fields"].([]any)
	fields := make([]node, len(s.Fields))
	out := node{most: each}
	for i, f := range s.Fields {
		field, _ := list[i].(map[string]any)
		own := within(path, f.Name)
		p.misplaced(field, own, `its type: {"name": ..., "type": {"type": ..., "arg.properties": ...}}`)
		fields[i] = p.node(field["type"], f.Schema, namespace, own)
		out.most = min(out.most+fields[i].most+each, 2*MaxBytes)
		out.iterates = out.iterates || fields[i].iterates
	}
	out.draw = func(d *die) any {
		v := make(map[string]any, len(fields))
		for i, f := range s.Fields {
			v[f.Name] = fields[i].draw(d)
		}
		return v
	}
	return out
}

func (p *parser) array(props properties, elem node) node {
	low, high := props.length(8, 15, 8)
	p.still(elem, props.path)
	return leaf(each+times(elem.most, high), func(d *die) any {
		list := make([]any, d.between(low, high))
		for i := range list {
			list[i] = elem.draw(d)
		}
		return list
	})
}

func (p *parser) mapOf(props properties, elem node) node {
	low, high := props.length(8, 15, 8)
	p.still(elem, props.path)
	key := mapKeys(props)
	return leaf(each+times(elem.most+key.most, high), func(d *die) any {
		m := map[string]any{}
		for range d.between(low, high) {
			k, _ := key.draw(d).(string)
			m[k] = elem.draw(d)
		}
		return m
	})
}

// still refuses an iteration within a list or a map.
func (p *parser) still(elem node, path string) {
	if elem.iterates {
		p.errorf(path, "iteration is not supported within an array or a map: it counts records, and each has several of "+
			"these values")
	}
}

// union reads a union, each type of which is as likely as the others.
func (p *parser) union(raw []any, s *data.Schema, namespace, path string) node {
	null := slices.Index(raw, any("null"))
	types := slices.DeleteFunc(slices.Clone(raw), func(t any) bool { return t == any("null") })
	out := node{most: each}
	nodes := make([]node, len(types))
	for i, t := range types {
		own := s
		if len(types) > 1 {
			own = s.Fields[i].Schema
		}
		nodes[i] = p.node(t, own, namespace, path)
		out.most = max(out.most, each+nodes[i].most)
		out.iterates = out.iterates || nodes[i].iterates
	}
	out.draw = func(d *die) any {
		i := d.IntN(len(raw))
		switch {
		case i == null:
			return nil
		case null >= 0 && i > null:
			i--
		}
		v := nodes[i].draw(d)
		if len(types) == 1 {
			return v
		}
		m := make(map[string]any, len(types))
		for j, f := range s.Fields {
			m[f.Name] = nil
			if i == j {
				m[f.Name] = v
			}
		}
		return m
	}
	return out
}

// between draws a number from low to high.
func (d *die) between(low, high int) int { return low + d.IntN(high-low+1) }

func within(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func fullName(name, namespace string) string {
	if strings.Contains(name, ".") || namespace == "" {
		return strings.TrimPrefix(name, ".")
	}
	return namespace + "." + name
}
