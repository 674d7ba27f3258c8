package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Key declares one configuration key.
type Key struct {
	// Name is the key as an operator writes it, dotted lowercase.
	Name string
	// Type decides how the text is parsed.
	Type Type
	// Default is the value of an absent key: a Go value of the type's kind, an
	// int for every type of number, or a string, which is parsed. Default: no
	// value, which is not allowed when Required is set.
	Default any
	// Required makes an absent key an error. Default: false.
	Required bool
	// Valid checks a parsed value. Default: every value is accepted.
	Valid Validator
	// Doc is for people. The first sentence says what the key is, and is all that
	// the help of a flag shows; a second one may say why the default is not
	// Kafka's.
	Doc string
	// NoEffect says why the key has no effect, for one that is accepted because the
	// files that people have carry it; whoever sets it is warned, see
	// [Values.Warnings]. Default: the key has an effect.
	NoEffect string
	// Importance says how much the key matters. Default: High.
	Importance Importance
	// Group is the heading under which user interfaces and reference pages show
	// the key. Default: none.
	Group string
	// OrderInGroup is the place of the key in its group, from 1. Default: the
	// place in the order of declaration, or -1 without a group.
	OrderInGroup int
	// Width is how wide a user interface makes the field: NONE, SHORT, MEDIUM
	// or LONG. Default: NONE.
	Width string
	// DisplayName is the name in user interfaces. Default: Name.
	DisplayName string
	// Recommended lists values that a user interface may offer. Default: none.
	Recommended []string
}

// DefaultText returns the default as an operator would write it, secrets
// hidden. ok is false when the key has no default.
func (k Key) DefaultText() (text string, ok bool) { return valueText(k.Default) }

// widths are the widths of Kafka's ConfigDef.
var widths = []string{"NONE", "SHORT", "MEDIUM", "LONG"}

// complete fills in the defaults of what user interfaces show.
func (k *Key) complete(place int) {
	if k.DisplayName == "" {
		k.DisplayName = k.Name
	}
	if k.Width == "" {
		k.Width = widths[0]
	}
	switch {
	case k.OrderInGroup != 0:
	case k.Group == "":
		k.OrderInGroup = -1
	default:
		k.OrderInGroup = place
	}
}

// value finds, parses and checks one key. A value that only the validator
// refuses comes with the error.
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
		message := k.hideIn(err.Error(), text)
		if v == nil && k.Type != Password {
			message += remedy(k, text)
		}
		return v, true, &KeyError{Key: k.Name, Value: k.Shown(text), Message: message, Accepts: k.accepts()}
	}
	return v, true, nil
}

// accepts describes the values that are accepted.
func (k *Key) accepts() string {
	if k.Valid != nil {
		return k.Valid.String()
	}
	return strings.ToLower(k.Type.String())
}

func (k *Key) parse(text string) (any, error) {
	v, err := parseText(k.Type, text)
	if err != nil {
		return nil, err
	}
	if k.Valid != nil {
		return v, k.Valid.Check(v)
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
		return nil, errors.New("Expected value to be either true or false")
	case Int, Short, Long:
		n, err := strconv.ParseInt(trimmed, 10, bits[t])
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
		if wrong := unresolved(text); wrong != "" {
			return nil, errors.New(wrong)
		}
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

// defaultText is a default as an operator would write it.
func defaultText(v any) string {
	switch v := v.(type) {
	case []string:
		return strings.Join(v, ",")
	case Secret:
		return string(v)
	}
	return fmt.Sprint(v)
}

// valueText is a parsed value as it may be shown, as Kafka's ConfigDef makes it.
func valueText(v any) (text string, ok bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case []string:
		return strings.Join(v, ","), true
	}
	return fmt.Sprint(v), true
}
