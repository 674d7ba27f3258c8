package config

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Values are the parsed values of a [Def]. The getters panic when asked for a
// key the Def does not declare, or with the wrong type: both are mistakes of
// the program, not of the operator. A key without value and without default
// reads as the zero value.
type Values struct {
	def *Def
	m   map[string]any
	set map[string]bool
}

// IsSet reports whether the operator wrote the key, as opposed to its default.
func (v Values) IsSet(name string) bool { return v.set[name] }

// Warnings returns a sentence for each key that was written and has no effect, in
// the order of declaration. It names the keys with the prefix that they have in the
// operator's file.
func (v Values) Warnings(prefix string) (warnings []string) {
	for _, k := range v.def.keys {
		if k.NoEffect != "" && v.set[k.Name] {
			warnings = append(warnings, fmt.Sprintf("%s has no effect: %s", prefix+k.Name, k.NoEffect))
		}
	}
	return warnings
}

// With returns a copy of v in which the given keys have the given values. Keys
// that the Def does not declare are left out, as in [Def.Parse]. The error is an
// [Errors] of every key that is wrong.
func (v Values) With(props map[string]string) (Values, error) {
	if len(props) == 0 {
		return v, nil
	}
	out := Values{def: v.def, m: maps.Clone(v.m), set: maps.Clone(v.set)}
	var errs Errors
	for name := range props {
		i, ok := v.def.index[name]
		if !ok {
			continue
		}
		value, set, err := v.def.keys[i].value(props)
		if err != nil {
			errs = append(errs, *err)
		}
		out.m[name], out.set[name] = value, set
	}
	slices.SortFunc(errs, func(a, b KeyError) int { return v.def.index[a.Key] - v.def.index[b.Key] })
	return out, errs.OrNil()
}

// String returns the value of a String or Class key.
func (v Values) String(name string) string { return get[string](v, name, String, Class) }

// Bool returns the value of a Boolean key.
func (v Values) Bool(name string) bool { return get[bool](v, name, Boolean) }

// Int returns the value of an Int or Short key.
func (v Values) Int(name string) int { return int(get[int64](v, name, Int, Short)) }

// Long returns the value of a Long (or Int) key.
func (v Values) Long(name string) int64 { return get[int64](v, name, Long, Int, Short) }

// Double returns the value of a Double key.
func (v Values) Double(name string) float64 { return get[float64](v, name, Double) }

// List returns the value of a List key.
func (v Values) List(name string) []string { return get[[]string](v, name, List) }

// Password returns the value of a Password key.
func (v Values) Password(name string) Secret { return get[Secret](v, name, Password) }

// Millis returns the value of a Long or Int key in milliseconds, as Kafka's
// ".ms" keys have it. Negative values stay negative. What a Duration cannot
// hold, such as Java's largest long for never, becomes about 146 years, to which a
// caller can still add.
func (v Values) Millis(name string) time.Duration {
	const limit = int64(1<<62) / int64(time.Millisecond)
	return time.Duration(max(-limit, min(v.Long(name), limit))) * time.Millisecond
}

func get[T any](v Values, name string, types ...Type) (zero T) {
	k, ok := v.def.Key(name)
	if !ok {
		panic(fmt.Sprintf("config: key %q is not declared", name))
	}
	for _, t := range types {
		if k.Type == t {
			got, _ := v.m[name].(T)
			return got
		}
	}
	panic(fmt.Sprintf("config: key %q is a %s", name, k.Type))
}
