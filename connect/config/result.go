package config

import "slices"

// Result is what [Def.Validate] finds for one key, all that Kafka Connect's
// validation answer says about it.
type Result struct {
	// Key is the declaration; only its Name is set for a key that is not declared.
	Key Key
	// Value is the value or the default as text, hidden for passwords. It is nil
	// when there is none, or when the text cannot be parsed.
	Value *string
	// Errors are what is wrong with the key. Default: none.
	Errors Errors
	// Recommended are values that a user interface may offer, as declared.
	Recommended []string
}

// Validate returns a result for each key of d in the order of declaration. It
// finds what [Def.Parse] finds. What a component knows beyond that, such as
// rules over several keys, is added with [Attach].
func (d *Def) Validate(props map[string]string) []Result {
	results := make([]Result, len(d.keys))
	for i, k := range d.keys {
		r := Result{Key: k, Recommended: k.Recommended}
		v, _, err := k.value(props)
		if err != nil {
			r.Errors = Errors{*err}
		}
		if text, ok := valueText(v); ok {
			text = showPlain(k.Name, text) // a password is hidden already
			r.Value = &text
		}
		results[i] = r
	}
	return results
}

// Attach adds errors to the results of their keys. An error of a key that has
// no result gets one of its own at the end. An error that is there already is
// not added twice.
func Attach(results []Result, errs Errors) []Result {
	place := make(map[string]int, len(results))
	for i, r := range results {
		place[r.Key.Name] = i
	}
	for _, e := range errs {
		i, ok := place[e.Key]
		if !ok {
			i = len(results)
			place[e.Key] = i
			results = append(results, Result{Key: Key{Name: e.Key}})
		}
		if !slices.Contains(results[i].Errors, e) {
			results[i].Errors = append(results[i].Errors, e)
		}
	}
	return results
}
