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
	out := make(Config, len(fields))
	for key, raw := range fields {
		value, err := configText(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		out[key] = value
	}
	*c = out
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

// configText is a value as the text that a properties file would have.
func configText(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case '{', '[':
		return "", errors.New("must be a string, a number or a boolean")
	case 'n':
		return "", ErrNullValue
	}
	return string(raw), nil
}
