package ours

import (
	"fmt"
	"strconv"
	"strings"
)

// The functions that a case may name. java/…/Functions.java has the same ones. Text is
// *string, nil is null.

func shown(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

func ptr(s string) *string { return &s }

// test is a predicate.
func test(fn string, key, value *string) (bool, error) {
	switch fn {
	case "has-a":
		return value != nil && strings.Contains(*value, "a"), nil
	case "key-odd":
		return key != nil && len(*key)%2 == 1, nil
	case "not-null":
		return value != nil, nil
	case "long":
		return value != nil && len(*value) > 3, nil
	case "all":
		return true, nil
	case "none":
		return false, nil
	}
	return false, unknown(fn)
}

// mapValue makes a value from a value.
func mapValue(fn string, value *string) (*string, error) {
	switch fn {
	case "bang":
		if value == nil {
			return nil, nil
		}
		return ptr(*value + "!"), nil
	case "len":
		if value == nil {
			return ptr("null"), nil
		}
		return ptr(strconv.Itoa(len(*value))), nil
	case "nil-if-b":
		if value == nil || strings.Contains(*value, "b") {
			return nil, nil
		}
		return value, nil
	case "was-null":
		if value == nil {
			return ptr("was-null"), nil
		}
		return value, nil
	case "same":
		return value, nil
	}
	return nil, unknown(fn)
}

// flat makes values from a value.
func flat(fn string, value *string) (out []*string, err error) {
	switch fn {
	case "words":
		if value == nil {
			return nil, nil
		}
		for word := range strings.SplitSeq(*value, " ") {
			if word != "" {
				out = append(out, &word)
			}
		}
		return out, nil
	case "twice":
		return []*string{value, value}, nil
	}
	return nil, unknown(fn)
}

// keyOf makes a key from a record.
func keyOf(fn string, key, value *string) (*string, error) {
	switch fn {
	case "first":
		if value == nil || *value == "" {
			return nil, nil
		}
		return ptr((*value)[:1]), nil
	case "value":
		return value, nil
	case "prefix":
		return ptr("p" + shown(key)), nil
	case "text":
		return key, nil
	case "const":
		return ptr("c"), nil
	case "nil":
		return nil, nil
	}
	return nil, unknown(fn)
}

type pair struct{ key, value *string }

// pairOf makes a record from a record.
func pairOf(fn string, key, value *string) (pair, error) {
	if fn == "swap" {
		return pair{value, key}, nil
	}
	k, err := keyOf(fn, key, value)
	return pair{k, value}, err
}

// pairsOf makes records from a record.
func pairsOf(fn string, key, value *string) (out []pair, err error) {
	switch fn {
	case "words":
		words, err := flat(fn, value)
		for _, word := range words {
			out = append(out, pair{word, value})
		}
		return out, err
	case "both":
		return []pair{{key, value}, {value, key}}, nil
	}
	return nil, unknown(fn)
}

// initial is where an aggregate begins.
func initial(fn string) *string {
	switch fn {
	case "sum":
		return ptr("0")
	case "nil-init":
		return nil
	}
	return ptr("")
}

// add adds a value to an aggregate.
func add(fn string, value, aggregate *string) (*string, error) {
	v := shown(value)
	switch fn {
	case "concat", "nil-init":
		return ptr(shown(aggregate) + "+" + v), nil
	case "nil-on-x":
		if strings.Contains(v, "x") {
			return nil, nil
		}
		return ptr(shown(aggregate) + "+" + v), nil
	case "sum":
		return ptr(strconv.FormatInt(number(shown(aggregate))+number(v), 10)), nil
	}
	return nil, unknown(fn)
}

// number is that of digits; otherwise the length stands for it.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return int64(len(s))
	}
	return n
}

func unknown(fn string) error { return fmt.Errorf("the oracle does not know the function %q", fn) }

// reduce makes a value of two.
func reduce(fn string, a, b *string) (*string, error) {
	switch fn {
	case "bar":
		return ptr(shown(a) + "|" + shown(b)), nil
	case "minus":
		return ptr(shown(a) + "-" + shown(b)), nil
	case "max":
		if shown(a) >= shown(b) {
			return a, nil
		}
		return b, nil
	case "nil-on-x":
		if strings.Contains(shown(b), "x") {
			return nil, nil
		}
		return ptr(shown(a) + "|" + shown(b)), nil
	}
	return nil, unknown(fn)
}

// subtract takes a value out of an aggregate.
func subtract(fn string, value, aggregate *string) (*string, error) {
	v := shown(value)
	switch fn {
	case "concat", "nil-init":
		return ptr(shown(aggregate) + "-" + v), nil
	case "nil-on-x":
		if strings.Contains(v, "x") {
			return nil, nil
		}
		return ptr(shown(aggregate) + "-" + v), nil
	case "sum":
		return ptr(strconv.FormatInt(number(shown(aggregate))-number(v), 10)), nil
	}
	return nil, unknown(fn)
}

// chosen are the topics that topicOf may choose.
var chosen = []string{"out-a", "out-b", "out-others"}

// topicOf chooses a topic by the key.
func topicOf(key *string) string {
	switch shown(key) {
	case "a", "b":
		return "out-" + *key
	}
	return "out-others"
}
