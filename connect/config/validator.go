package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
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

// AtMost accepts numbers that are not greater than high.
func AtMost(high int64) Validator {
	return Func(fmt.Sprintf("[...,%d]", high), func(v any) error {
		if compare(v, high) > 0 {
			return fmt.Errorf("Value must be no more than %d", high)
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

// OneOf accepts the listed strings, in any case when fold is true, and lists that
// hold nothing else. The error names the nearest when one could be meant.
func OneOf(fold bool, allowed ...string) Validator {
	desc := "[" + strings.Join(allowed, ", ") + "]"
	accepts := func(s string) bool {
		return slices.ContainsFunc(allowed, func(a string) bool { return s == a || fold && strings.EqualFold(s, a) })
	}
	return Func(desc, func(v any) error {
		items, ok := v.([]string)
		if !ok {
			items = []string{fmt.Sprint(v)}
		}
		for _, item := range items {
			if !accepts(item) {
				return fmt.Errorf("String must be one of: %s%s", strings.Join(allowed, ", "), suggestion(item, allowed))
			}
		}
		return nil
	})
}

// suggestion names the one of known that could be meant by text, or is empty.
func suggestion(text string, known []string) string {
	if near := nearestValue(text, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// All accepts what each of the validators accepts. The error is that of the first
// that does not.
func All(validators ...Validator) Validator {
	texts := make([]string, len(validators))
	for i, v := range validators {
		texts[i] = v.String()
	}
	return Func(strings.Join(texts, ", "), func(value any) error {
		for _, v := range validators {
			if err := v.Check(value); err != nil {
				return err
			}
		}
		return nil
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

// validatorNamed returns the validator that a tag describes, or nil for an empty
// one; see [For].
func validatorNamed(tag string) (Validator, error) {
	if tag == "" {
		return nil, nil
	}
	var list []Validator
	bounds := map[string]int64{}
	for part := range strings.SplitSeq(tag, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch allowed := strings.Fields(value); {
		case name == "nonempty" && value == "":
			list = append(list, NonEmpty())
		case name == "oneof" && len(allowed) > 0:
			list = append(list, OneOf(false, allowed...))
		case name == "oneof-anycase" && len(allowed) > 0:
			list = append(list, OneOf(true, allowed...))
		case name == "min" || name == "max":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("valid: %s: %q is not a whole number", name, value)
			}
			bounds[name] = n
		default:
			return nil, fmt.Errorf("valid: %q is none of nonempty, min=N, max=N, oneof=A B, oneof-anycase=A B", part)
		}
	}
	low, hasLow := bounds["min"]
	high, hasHigh := bounds["max"]
	switch {
	case hasLow && hasHigh:
		list = append(list, Between(low, high))
	case hasLow:
		list = append(list, AtLeast(low))
	case hasHigh:
		list = append(list, AtMost(high))
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return All(list...), nil
}
