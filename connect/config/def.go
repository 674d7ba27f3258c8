package config

import (
	"fmt"
	"slices"
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

// Def is an immutable set of keys.
type Def struct {
	keys  []Key
	index map[string]int
}

// New returns a Def of the keys. It panics when a name repeats, a default does
// not fit its own type or validator, or a width does not exist: all of them are
// mistakes of the program.
func New(keys ...Key) *Def {
	d := &Def{keys: slices.Clone(keys), index: make(map[string]int, len(keys))}
	places := map[string]int{} // how many keys a group has so far
	for i := range d.keys {
		k := &d.keys[i]
		if _, dup := d.index[k.Name]; dup || k.Name == "" {
			panic(fmt.Sprintf("config: key %q declared twice or unnamed", k.Name))
		}
		d.index[k.Name] = i
		places[k.Group]++
		k.complete(places[k.Group])
		if !slices.Contains(widths, k.Width) {
			panic(fmt.Sprintf("config: width of %s is %s, want one of %s", k.Name, k.Width, strings.Join(widths, ", ")))
		}
		if k.Default == nil {
			continue
		}
		v, err := k.parse(defaultText(k.Default))
		if err != nil {
			panic(fmt.Sprintf("config: default of %s: %v", k.Name, err))
		}
		k.Default = v
	}
	return d
}

// With returns a new Def with the keys of d followed by more. Components use
// it to add their own keys to common ones. It panics as New does.
func (d *Def) With(more ...Key) *Def {
	return New(append(slices.Clone(d.keys), more...)...)
}

// Change returns a new Def in which the declaration of one key is what change
// makes of it. It panics when d does not declare the key, and as [New] does.
func (d *Def) Change(name string, change func(*Key)) *Def {
	i, ok := d.index[name]
	if !ok {
		panic(fmt.Sprintf("config: key %q is not declared", name))
	}
	keys := slices.Clone(d.keys)
	change(&keys[i])
	return New(keys...)
}

// Keys returns the keys in the order of declaration.
func (d *Def) Keys() []Key { return slices.Clone(d.keys) }

// Names returns the names of the keys in the order of declaration.
func (d *Def) Names() []string {
	names := make([]string, len(d.keys))
	for i, k := range d.keys {
		names[i] = k.Name
	}
	return names
}

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
// none of the prefixes, sorted.
func (d *Def) Unknown(props map[string]string, prefixes ...string) []string {
	var out []string
	for name := range props {
		_, known := d.index[name]
		if !known && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// UnknownErrors returns an [UnknownKey] for each name that [Def.Unknown]
// returns, for a caller that refuses misspelt keys.
func (d *Def) UnknownErrors(props map[string]string, prefixes ...string) Errors {
	var errs Errors
	for _, name := range d.Unknown(props, prefixes...) {
		errs = append(errs, UnknownKey(name, d.Names()))
	}
	return errs
}
