package httpserve

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// headerRule is one header of every answer.
type headerRule struct {
	add   bool // beside what the answer has, instead of in its place
	name  string
	value string
	after *time.Duration // the value is the time this long from now
}

// Headers are headers of every answer of a server. The zero value is none.
type Headers []headerRule

// ParseHeaders reads the form of Kafka Connect: rules with commas between, each an action
// (set, add, setDate, addDate), a blank, and name:value; a rule with a comma in it is in
// double quotes. The value of a date is a number of milliseconds from now.
func ParseHeaders(text string) (Headers, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	rules, err := r.Read()
	if err != nil {
		return nil, errors.New("it must be rules with commas between; put a rule that has a comma in double quotes")
	}
	var out Headers
	for _, rule := range rules {
		parsed, err := parseRule(strings.TrimSpace(rule))
		if err != nil {
			return nil, err
		}
		out = append(out, parsed)
	}
	return out, nil
}

func parseRule(text string) (headerRule, error) {
	action, header, _ := strings.Cut(text, " ")
	name, value, ok := strings.Cut(header, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case !ok || !isToken(name) || strings.ContainsFunc(value, unicode.IsControl):
		return headerRule{}, fmt.Errorf("%q is not a rule: write an action and a header, such as "+
			"set X-Frame-Options: DENY", text)
	case action != "set" && action != "add" && action != "setDate" && action != "addDate":
		return headerRule{}, fmt.Errorf("%q is not an action: it is one of set, add, setDate, addDate", action)
	}
	out := headerRule{add: strings.HasPrefix(action, "add"), name: name, value: value}
	if strings.HasSuffix(action, "Date") {
		millis, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return out, fmt.Errorf("%q of %s is not a number of milliseconds from now", value, name)
		}
		after := time.Duration(millis) * time.Millisecond
		out.after = &after
	}
	return out, nil
}

// isToken reports whether a text can be the name of a header.
func isToken(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}

// apply sets the headers of an answer that is about to be made.
func (h Headers) apply(to http.Header) {
	for _, rule := range h {
		value := rule.value
		if rule.after != nil {
			value = time.Now().Add(*rule.after).UTC().Format(http.TimeFormat)
		}
		if rule.add {
			to.Add(rule.name, value)
			continue
		}
		to.Set(rule.name, value)
	}
}
