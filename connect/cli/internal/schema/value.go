package schema

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// The definitions that values share.
const (
	scalarDef    = "scalar"
	referenceDef = "reference"
)

// valueDefs are these definitions.
func valueDefs() map[string]*node {
	return map[string]*node{
		scalarDef: {Type: []string{"string", "number", "boolean"}, Description: "A text, a number or a boolean."},
		referenceDef: {Type: "string", Pattern: `\$\{[^}]*:[^}]*\}`,
			Description: "What the worker's config providers replace, such as ${env:PASSWORD}."},
	}
}

// valueOf is the value of a key: files may write numbers and booleans as such or as texts.
func valueOf(k config.Key) *node {
	out := &node{Description: k.Doc, Default: defaultOf(k)}
	if k.NoEffect != "" {
		out.Deprecated, out.Description = true, "It has no effect: "+k.NoEffect+"."
	}
	switch k.Type {
	case config.Boolean:
		words := anyCase("true") + "|" + anyCase("false")
		out.AnyOf = []*node{{Type: "boolean"}, {Type: "string", Pattern: `^\s*(` + words + `)\s*$`}, refTo(referenceDef)}
	case config.Int, config.Short, config.Long:
		low, high := bounds(k)
		out.AnyOf = []*node{{Type: "integer", Minimum: low, Maximum: high},
			{Type: "string", Pattern: `^\s*[+-]?[0-9]+\s*$`}, refTo(referenceDef)}
	case config.Double:
		low, high := bounds(k)
		out.AnyOf = []*node{{Type: "number", Minimum: low, Maximum: high},
			{Type: "string", Pattern: `^\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*$`}, refTo(referenceDef)}
	default:
		text(out, k)
	}
	return out
}

// text completes the value of a key that is a text: one of a few, or any.
func text(out *node, k config.Key) {
	c := choicesOf(k)
	if len(c.values) == 0 || k.Type == config.List {
		out.Ref = "#/$defs/" + scalarDef
		if k.Valid != nil && k.Valid.String() == "non-empty" {
			out.MinLength = 1
		}
		return
	}
	enum := &node{}
	for _, v := range c.values {
		enum.Enum = append(enum.Enum, v)
	}
	out.AnyOf = []*node{enum}
	if c.fold || c.packaged {
		out.AnyOf = append(out.AnyOf, &node{Type: "string", Pattern: c.pattern()})
	}
	out.AnyOf = append(out.AnyOf, refTo(referenceDef))
}

// choices are the values of a key that accepts only a few.
type choices struct {
	values   []string
	fold     bool // in any case of letters
	packaged bool // with a Java package, too
}

var inBrackets = regexp.MustCompile(`^\[(.*)\]$`)

// choicesOf are those of a key; none when it accepts others. The validator is asked, as its
// description may mean more than it says.
func choicesOf(k config.Key) choices {
	if k.Valid == nil {
		return choices{}
	}
	m := inBrackets.FindStringSubmatch(k.Valid.String())
	if m == nil || strings.Contains(m[1], "...") {
		return choices{}
	}
	c := choices{values: strings.Split(m[1], ", ")}
	accepts := func(text string) bool { return k.Valid.Check(text) == nil }
	for _, v := range c.values {
		if !accepts(v) {
			return choices{}
		}
	}
	first := c.values[0]
	upper, lower := strings.ToUpper(first), strings.ToLower(first)
	c.fold = accepts(upper) && accepts(lower) && upper != lower
	c.packaged = accepts("org.apache.kafka."+first) || accepts("io.confluent.connect.storage."+first)
	return c
}

// pattern is what the values match in all forms that are accepted.
func (c choices) pattern() string {
	patterns := make([]string, len(c.values))
	for i, v := range c.values {
		if patterns[i] = quote(v); c.fold {
			patterns[i] = anyCase(v)
		}
	}
	out := "(" + strings.Join(patterns, "|") + ")$"
	if c.packaged {
		out = `(.*\.)?` + out
	}
	return "^" + out
}

var (
	atLeast = regexp.MustCompile(`^\[(-?\d+),\.\.\.`)
	atMost  = regexp.MustCompile(`\.\.\.,(-?\d+)\]$`)
)

// bounds are the smallest and the greatest number that a key accepts, "" for none.
func bounds(k config.Key) (low, high json.Number) {
	switch k.Type {
	case config.Short:
		low, high = number(math.MinInt16), number(math.MaxInt16)
	case config.Int:
		low, high = number(math.MinInt32), number(math.MaxInt32)
	}
	if k.Valid == nil {
		return low, high
	}
	if m := atLeast.FindStringSubmatch(k.Valid.String()); m != nil {
		low = json.Number(m[1])
	}
	if m := atMost.FindStringSubmatch(k.Valid.String()); m != nil {
		high = json.Number(m[1])
	}
	return low, high
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// defaultOf is the default of a key as JSON has it, nil for none.
func defaultOf(k config.Key) any {
	text, ok := k.DefaultText()
	if !ok || k.Type == config.Password {
		return nil
	}
	switch k.Type {
	case config.Boolean:
		return text == "true"
	case config.Int, config.Short, config.Long, config.Double:
		return json.Number(text)
	}
	return text
}

// anyCase is a pattern for a word in any case of letters. Patterns of JSON Schema have no
// flags.
func anyCase(word string) string {
	var b strings.Builder
	for _, r := range word {
		lower, upper := strings.ToLower(string(r)), strings.ToUpper(string(r))
		if lower == upper {
			b.WriteString(quote(string(r)))
			continue
		}
		b.WriteString("[" + lower + upper + "]")
	}
	return b.String()
}

// quote is a pattern for a text.
func quote(text string) string { return regexp.QuoteMeta(text) }
