package config

import (
	"cmp"
	"errors"
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

// Func returns the Validator that a function and a description make.
func Func(desc string, check func(value any) error) Validator { return validator{check, desc} }

// AtLeast accepts numbers that are not smaller than low.
func AtLeast(low int64) Validator {
	return Func(fmt.Sprintf("[%d,...]", low), func(v any) error {
		if compare(v, low) < 0 {
			return fmt.Errorf("Value must be at least %d", low)
		}
		return nil
	})
}

// Between accepts numbers from low to high, both included.
func Between(low, high int64) Validator {
	return Func(fmt.Sprintf("[%d,...,%d]", low, high), func(v any) error {
		switch {
		case compare(v, low) < 0:
			return fmt.Errorf("Value must be at least %d", low)
		case compare(v, high) > 0:
			return fmt.Errorf("Value must be no more than %d", high)
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
		return errors.New("String must be non-empty")
	})
}

// compare compares a parsed number with a bound. What is not a number equals every
// bound, as the type of the key has refused it before.
func compare(v any, bound int64) int {
	switch n := v.(type) {
	case int64:
		return cmp.Compare(n, bound)
	case float64:
		return cmp.Compare(n, float64(bound))
	}
	return 0
}
