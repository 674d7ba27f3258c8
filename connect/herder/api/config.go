package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNullValue means that a configuration has a key whose value is null.
var ErrNullValue = errors.New("must not be null")

// Config is a connector's configuration as a client sends it: an object whose
// numbers and booleans are taken for their text.
type Config map[string]string

// UnmarshalJSON implements [json.Unmarshaler]. Objects and lists are errors; a
// null among the values is [ErrNullValue].
func (c *Config) UnmarshalJSON(text []byte) error {
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
