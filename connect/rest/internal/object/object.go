// Package object reads JSON objects whose keys are checked.
package object

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Object is a JSON object in which each key is there once. Its values are not read yet.
type Object map[string]json.RawMessage

// UnmarshalJSON implements [json.Unmarshaler].
func (o *Object) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return json.Unmarshal(text, (*map[string]json.RawMessage)(o)) // which says what it is
	}
	out := Object{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name := fmt.Sprint(token)
		if _, twice := out[name]; twice {
			return fmt.Errorf("%.100q is there twice: leave one of them out", name)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		out[name] = value
	}
	*o = out
	return nil
}

// Only refuses every key but the known ones.
func (o Object) Only(known ...string) error {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("has the unknown field %.100q: the known fields are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}
