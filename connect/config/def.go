package config

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Type is the type of a configuration value, by Kafka's names.
type Type int

// The types of Kafka's ConfigDef. The Go types that [Values] holds for them
// are string (String, Class), bool, int64 (Int, Short and Long, within their
// bounds), float64 (Double), []string (List) and [Secret] (Password).
const (
	String Type = iota
	Boolean
	Int
	Short
	Long
	Double
	List
	Class
	Password
)

var typeNames = [...]string{"STRING", "BOOLEAN", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD"}

// String returns the name Kafka Connect's REST API uses.
func (t Type) String() string { return typeNames[t] }

// Importance says how much a key matters to an operator.
type Importance int

// The importances of Kafka's ConfigDef. The zero value is High.
const (
	High Importance = iota
	Medium
	Low
)

var importanceNames = [...]string{"HIGH", "MEDIUM", "LOW"}

// String returns the name Kafka Connect's REST API uses.
func (i Importance) String() string { return importanceNames[i] }

// Key declares one configuration key.
type Key struct {
	// Name is the key as an operator writes it, dotted lowercase.
	Name string
	// Type decides how the text is parsed.
	Type Type
	// Default is used when the key is absent: a Go value of the type's kind
	// (int is accepted for every number, a string for everything). nil means
	// no value, which is legal unless Required is set.
	Default any
	// Required makes an absent key an error.
	Required bool
	// Valid checks a parsed value; nil accepts everything.
	Valid Validator
	// Doc is one plain sentence for people.
	Doc string
	// Importance, Group, OrderInGroup, Width and DisplayName only serve
	// people and user interfaces. DisplayName defaults to Name.
	Importance   Importance
	Group        string
	OrderInGroup int
	Width        string
	DisplayName  string
	// Recommended lists values a user interface may offer.
	Recommended []string
}

// Def is an immutable set of keys.
type Def struct {
	keys  []Key
	index map[string]int
}

// New returns a Def of the keys. It panics when a name repeats or a default
// does not fit its own type or validator: both are mistakes of the program.
func New(keys ...Key) *Def {
	d := &Def{keys: append([]Key(nil), keys...), index: make(map[string]int, len(keys))}
	for i, k := range d.keys {
		if _, dup := d.index[k.Name]; dup || k.Name == "" {
			panic(fmt.Sprintf("config: key %q declared twice or unnamed", k.Name))
		}
		d.index[k.Name] = i
		if k.Default == nil {
			continue
		}
		v, err := k.parse(defaultText(k.Default))
		if err != nil {
			panic(fmt.Sprintf("config: default of %s: %v", k.Name, err))
		}
		d.keys[i].Default = v
	}
	return d
}

// With returns a new Def with the keys of d followed by more. Components use
// it to add their own keys to common ones. It panics as New does.
func (d *Def) With(more ...Key) *Def {
	return New(append(append([]Key(nil), d.keys...), more...)...)
}

// Keys returns the keys in the order of declaration.
func (d *Def) Keys() []Key { return append([]Key(nil), d.keys...) }

// Key returns the declaration of one key.
func (d *Def) Key(name string) (Key, bool) {
	i, ok := d.index[name]
	if !ok {
		return Key{}, false
	}
	return d.keys[i], true
}

// Parse turns props into values. Keys that the Def does not know are kept out
// of the result and are no error: a connector's properties also carry keys of
// the runtime, its converters and its transforms. The error, if any, is an
// [Errors] with every key that is missing, cannot be parsed or is refused by
// its validator.
func (d *Def) Parse(props map[string]string) (Values, error) {
	values := Values{def: d, m: make(map[string]any, len(d.keys)), set: make(map[string]bool, len(props))}
	var errs Errors
	for _, k := range d.keys {
		v, set, err := k.value(props)
		if err != nil {
			errs = append(errs, *err)
		}
		values.m[k.Name] = v
		values.set[k.Name] = set
	}
	return values, errs.OrNil()
}

// Unknown returns the names in props that d does not declare and that match
// none of the prefixes, sorted, so that a caller can refuse misspelt keys.
func (d *Def) Unknown(props map[string]string, prefixes ...string) []string {
	var out []string
next:
	for name := range props {
		if _, ok := d.index[name]; ok {
			continue
		}
		for _, p := range prefixes {
			if strings.HasPrefix(name, p) {
				continue next
			}
		}
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// value finds, parses and checks one key.
func (k *Key) value(props map[string]string) (v any, set bool, e *KeyError) {
	text, set := props[k.Name]
	if !set {
		if k.Required {
			missing := MissingKey(k.Name)
			return nil, false, &missing
		}
		return k.Default, false, nil
	}
	v, err := k.parse(text)
	if err != nil {
		return nil, true, &KeyError{Key: k.Name, Value: k.shown(text), Message: err.Error()}
	}
	return v, true, nil
}

// shown is the value as an error may print it.
func (k *Key) shown(text string) string {
	if k.Type == Password {
		return Secret(text).String()
	}
	return text
}

func (k *Key) parse(text string) (any, error) {
	v, err := parseText(k.Type, text)
	if err != nil {
		return nil, err
	}
	if k.Valid != nil {
		if err := k.Valid.Check(v); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func parseText(t Type, text string) (any, error) {
	trimmed := strings.TrimSpace(text)
	switch t {
	case Boolean:
		switch strings.ToLower(trimmed) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("Expected value to be either true or false")
	case Int, Short, Long:
		bits := map[Type]int{Int: 32, Short: 16, Long: 64}[t]
		n, err := strconv.ParseInt(trimmed, 10, bits)
		if err != nil {
			return nil, fmt.Errorf("Not a number of type %s", t)
		}
		return n, nil
	case Double:
		f, err := strconv.ParseFloat(trimmed, 64)
		if err != nil {
			return nil, fmt.Errorf("Not a number of type %s", t)
		}
		return f, nil
	case List:
		return splitList(trimmed), nil
	case Password:
		return Secret(text), nil
	case Class:
		return trimmed, nil
	}
	return trimmed, nil
}

func splitList(text string) []string {
	if text == "" {
		return []string{}
	}
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func defaultText(v any) string {
	switch v := v.(type) {
	case []string:
		return strings.Join(v, ",")
	case Secret:
		return string(v)
	}
	return fmt.Sprint(v)
}
