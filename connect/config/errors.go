package config

import (
	"fmt"
	"strings"
)

// Fault is a kind of [KeyError].
type Fault int

// The kinds of faults.
const (
	// Invalid means that the value cannot be parsed or is not accepted.
	Invalid Fault = iota
	// Missing means that a required key has no value.
	Missing
	// Unknown means that nobody declares the key.
	Unknown
)

// KeyError is what is wrong with one key.
type KeyError struct {
	// Fault is the kind of error.
	Fault Fault
	// Key is the name of the key.
	Key string
	// Value is what the operator wrote, hidden for passwords.
	Value string
	// Message says what is wrong and what would be accepted.
	Message string
	// Accepts says what would be accepted without a word about the value. It is ""
	// for what [Def.Parse] did not find.
	Accepts string
}

// Error returns Kafka's sentence for a bad value; one that is not set is not shown.
func (e KeyError) Error() string {
	switch e.Fault {
	case Missing:
		return fmt.Sprintf("Missing required configuration %q which has no default value.", e.Key)
	case Unknown:
		return e.Message
	}
	return fmt.Sprintf("Invalid value %s for configuration %s: %s", e.Value, e.Key, e.Message)
}

// Errors are all the keys that are wrong, in the order of declaration.
type Errors []KeyError

// Error lists every error on a line of its own.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// OrNil returns nil for an empty list, so that it can be returned as error.
func (e Errors) OrNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// MissingKey makes the error for a key that has no value and needs one.
func MissingKey(name string) KeyError {
	return KeyError{Fault: Missing, Key: name, Message: "Missing required configuration which has no default value."}
}

// Errorf makes a KeyError for rules over several keys, which live in a
// component's own Validate. What is secret in URLs of the value and of the message
// is hidden; the value of a [Password] is not passed.
func Errorf(key, value, format string, args ...any) KeyError {
	return KeyError{Key: key, Value: showPlain(key, value), Message: HideURLs(fmt.Sprintf(format, args...))}
}
