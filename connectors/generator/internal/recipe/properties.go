package recipe

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// argProperties is the property of a type that says what its values are like.
const argProperties = "arg.properties"

// all are the names that arg.properties may have.
var all = []string{"options", "range", "iteration", "length", "regex", "prefix", "suffix", "keys", "odds"}

// fitting are the names that are for a type, besides options.
func fitting(typ string, s *data.Schema) []string {
	switch typ {
	case "int", "long", "float", "double":
		return []string{"range", "iteration"}
	case "boolean":
		return []string{"odds", "iteration"}
	case "string":
		return []string{"length", "regex", "prefix", "suffix", "iteration"}
	case "map":
		return []string{"length", "keys"}
	case "array":
		return []string{"length"}
	}
	switch {
	case s.Name == data.DecimalName:
		return []string{"range"}
	case typ == "bytes":
		return []string{"length"}
	}
	return nil
}

// properties are the arg.properties of one type, or an object in them.
type properties struct {
	p      *parser
	path   string // of the type
	prefix string // of the names of the properties
	raw    map[string]any
}

// propertiesOf reads the arg.properties of a type.
func propertiesOf(p *parser, raw map[string]any, typ string, s *data.Schema, path string) properties {
	out := properties{p: p, path: path, prefix: argProperties}
	v, there := raw[argProperties]
	if !there {
		return out
	}
	object, ok := v.(map[string]any)
	if !ok {
		out.errorf("", "must be an object")
		return out
	}
	out.raw = object
	out.only(typ, append(fitting(typ, s), "options")...)
	out.alone("options", all...)
	out.alone("iteration", "length", "regex", "range", "odds")
	return out
}

// errorf notes an error about a property, or about all when name is empty.
func (a properties) errorf(name, format string, args ...any) {
	full := a.prefix
	if name != "" {
		full += "." + name
	}
	a.p.errorf(a.path, "%s: %s", full, fmt.Sprintf(format, args...))
}

func (a properties) has(name string) bool {
	_, ok := a.raw[name]
	return ok
}

// only refuses names that are unknown, or not for the type.
func (a properties) only(typ string, names ...string) {
	for _, name := range sortedKeys(a.raw) {
		if slices.Contains(names, name) {
			continue
		}
		allowed := "want " + strings.Join(names, ", ")
		switch near := config.Nearest(name, names); {
		case slices.Contains(all, name):
			a.errorf(name, "is not for the type %s: %s", typ, allowed)
		case near != "":
			a.errorf(name, "there is no such property, did you mean %q?", near)
		default:
			a.errorf(name, "there is no such property for the type %s: %s", typ, allowed)
		}
	}
}

// alone refuses others beside a property that says all.
func (a properties) alone(name string, others ...string) {
	for _, other := range others {
		if other != name && a.has(name) && a.has(other) {
			a.errorf(other, "cannot be given with %s: leave one out", name)
		}
	}
}

// group returns an object within the properties, with some of the names; ok is false when it is
// not there, or no object.
func (a properties) group(name string, names ...string) (properties, bool) {
	v, there := a.raw[name]
	if !there {
		return properties{}, false
	}
	object, ok := v.(map[string]any)
	if !ok {
		a.errorf(name, "must be an object with %s", strings.Join(names, ", "))
		return properties{}, false
	}
	out := properties{p: a.p, path: a.path, prefix: a.prefix + "." + name, raw: object}
	for _, key := range sortedKeys(object) {
		if !slices.Contains(names, key) {
			out.errorf(key, "there is no such property: want %s", strings.Join(names, ", "))
		}
	}
	return out, true
}

// number returns a number, nil when it is not there.
func (a properties) number(name string) *big.Rat {
	v, there := a.raw[name]
	if !there {
		return nil
	}
	r := ratOf(v)
	if r == nil {
		a.errorf(name, "%s must be a number", shown(v))
	}
	return r
}

// ratOf is the value of a number in JSON, nil for anything else and for one that is not near
// the numbers that a double can hold: its digits would take too much memory.
func ratOf(v any) *big.Rat {
	text, ok := v.(json.Number)
	if !ok || len(text) > 400 {
		return nil
	}
	if f, err := strconv.ParseFloat(text.String(), 64); err != nil || f == 0 && strings.ContainsAny(text.String(), "eE") {
		return nil
	}
	r, ok := new(big.Rat).SetString(text.String())
	if !ok {
		return nil
	}
	return r
}

// integer returns a whole number from low to high; ok is false when it is not there, or none.
func (a properties) integer(name string, low, high int64) (n int64, ok bool) {
	v, there := a.raw[name]
	if !there {
		return 0, false
	}
	text, _ := v.(json.Number)
	n, err := strconv.ParseInt(text.String(), 10, 64)
	if err != nil || n < low || n > high {
		a.errorf(name, "%s must be a whole number from %d to %d", shown(v), low, high)
		return 0, false
	}
	return n, true
}

// string returns a text, empty when it is not there.
func (a properties) string(name string) string {
	v, there := a.raw[name]
	text, ok := v.(string)
	if there && !ok {
		a.errorf(name, "%s must be a text", shown(v))
	}
	return text
}

// maxLength is the greatest length that a schema may ask for.
const maxLength = 1 << 20

// length returns the least and the greatest length, by default those given. more is how far max is
// from min when only min is given.
func (a properties) length(low, high, more int) (int, int) {
	switch a.raw["length"].(type) {
	case nil:
		if a.has("length") {
			a.errorf("length", "must be a number, or an object with min, max")
		}
		return low, high
	case json.Number:
		n, _ := a.integer("length", 0, maxLength)
		return int(n), int(n)
	}
	g, ok := a.group("length", "min", "max")
	if !ok {
		return low, high
	}
	if !g.has("min") && !g.has("max") {
		g.errorf("", "must have min, max or both")
		return low, high
	}
	least, _ := g.integer("min", 0, maxLength)
	most := min(least+int64(more), maxLength)
	if n, ok := g.integer("max", 1, maxLength); ok {
		most = n
	}
	if most <= least {
		g.errorf("max", "%d must be greater than min (%d), as it is not reached", most, least)
		return low, high
	}
	return int(least), int(most - 1)
}

func sortedKeys(m map[string]any) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// shown is a value as an error shows it.
func shown(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%.80s", text)
}
