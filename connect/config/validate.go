package config

import (
	"fmt"
	"strings"
)

// Validator checks one parsed value and describes what it accepts.
type Validator interface {
	// Check returns an error that a person can act on; value has the Go type
	// of the key (numbers are int64 or float64).
	Check(value any) error
	// String describes what is accepted, for reference pages: "[1,...]".
	String() string
}

type validator struct {
	check func(any) error
	desc  string
}

func (v validator) Check(value any) error { return v.check(value) }
func (v validator) String() string        { return v.desc }

// Func makes a Validator of a function and a description.
func Func(desc string, check func(value any) error) Validator { return validator{check, desc} }

// AtLeast accepts numbers not smaller than min.
func AtLeast(min int64) Validator {
	return Func(fmt.Sprintf("[%d,...]", min), func(v any) error {
		if number(v) < float64(min) {
			return fmt.Errorf("Value must be at least %d", min)
		}
		return nil
	})
}

// Between accepts numbers from min to max, both included.
func Between(min, max int64) Validator {
	return Func(fmt.Sprintf("[%d,...,%d]", min, max), func(v any) error {
		switch n := number(v); {
		case n < float64(min):
			return fmt.Errorf("Value must be at least %d", min)
		case n > float64(max):
			return fmt.Errorf("Value must be no more than %d", max)
		}
		return nil
	})
}

// OneOf accepts the listed strings, in any case when fold is true.
func OneOf(fold bool, allowed ...string) Validator {
	desc := "[" + strings.Join(allowed, ", ") + "]"
	return Func(desc, func(v any) error {
		for _, a := range allowed {
			if s := fmt.Sprint(v); s == a || fold && strings.EqualFold(s, a) {
				return nil
			}
		}
		return fmt.Errorf("String must be one of: %s", strings.Join(allowed, ", "))
	})
}

// NonEmpty accepts strings and lists that hold something.
func NonEmpty() Validator {
	return Func("non-empty", func(v any) error {
		if l, ok := v.([]string); ok && len(l) > 0 || !ok && fmt.Sprint(v) != "" {
			return nil
		}
		return fmt.Errorf("String must be non-empty")
	})
}

func number(v any) float64 {
	switch n := v.(type) {
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

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
}

// Error returns Kafka's sentence for a bad value.
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
// component's own Validate.
func Errorf(key, value, format string, args ...any) KeyError {
	return KeyError{Key: key, Value: value, Message: fmt.Sprintf(format, args...)}
}
