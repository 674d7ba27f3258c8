package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNullValue means that a configuration has a key whose value is null.
var ErrNullValue = errors.New("must not be null")

// MaxKeys is the greatest number of keys of a [Config]. Each is compared with all that
// are known, so that their number is time.
const MaxKeys = 2000

// Config is a connector's configuration as a client sends it: an object whose
// numbers and booleans are taken for their text.
type Config map[string]string

// UnmarshalJSON implements [json.Unmarshaler]. Objects and lists are errors, and so are
// a key that is there twice and more than [MaxKeys]; a null among the values is
// [ErrNullValue].
func (c *Config) UnmarshalJSON(text []byte) error {
	var patch ConfigPatch
	if err := patch.UnmarshalJSON(text); err != nil {
		return err
	}
	if patch == nil {
		return nil
	}
	out := make(Config, len(patch))
	for key, value := range patch {
		if value == nil {
			return fmt.Errorf("%s: %w", key, ErrNullValue)
		}
		out[key] = *value
	}
	*c = out
	return nil
}

// ConfigPatch changes a connector's configuration: the body of PATCH
// /connectors/{c}/config. A key gets its value, or is removed when that is nil.
type ConfigPatch map[string]*string

// UnmarshalJSON implements [json.Unmarshaler], as that of [Config] except that null is
// a value.
func (p *ConfigPatch) UnmarshalJSON(text []byte) error {
	if err := checkKeys(text); err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	if fields == nil {
		return nil
	}
	out := make(ConfigPatch, len(fields))
	for key, raw := range fields {
		value, err := configText(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		out[key] = value
	}
	*p = out
	return nil
}

// checkKeys counts the keys of an object, before anything is made of it, and finds one
// that is there twice: readers differ in which of the two counts. What is no object is
// for the caller.
func checkKeys(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return nil
		}
		switch {
		case seen[key]:
			return fmt.Errorf("%.100q is there twice: leave one of them out", key)
		case len(seen) == MaxKeys:
			return fmt.Errorf("it has more than %d keys", MaxKeys)
		}
		seen[key] = true
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return nil
		}
	}
	return nil
}

// configText is a value as the text that a properties file would have, nil for null.
func configText(raw json.RawMessage) (*string, error) {
	raw = bytes.TrimSpace(raw)
	text := string(raw)
	switch raw[0] {
	case '"':
		err := json.Unmarshal(raw, &text)
		return &text, err
	case '{', '[':
		return nil, errors.New("must be a string, a number or a boolean")
	case 'n':
		return nil, nil
	}
	return &text, nil
}
