package compare

import (
	"regexp"
	"strings"
)

var (
	ofTopic      = regexp.MustCompile(`of topic [^ ]*:?( )`)
	javaDate     = regexp.MustCompile(`(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d+`)
	number       = regexp.MustCompile(`-?\d+\.\d+(E-?\d+)?`)
	wrongJSON    = regexp.MustCompile(`(?s)JSON (array|object|number|string|true|false|null) .* for ([A-Z]+)`)
	notFit       = regexp.MustCompile(`[^ ]* does not fit [A-Z]+`)
	duplication  = regexp.MustCompile(`field name duplication .*`)
	notField     = regexp.MustCompile(`^.* is not a valid field name`)
	notAllowed   = regexp.MustCompile(`topic .* becomes .*, which Kafka does not allow`)
	becomesEmpty = regexp.MustCompile(`topic .* becomes empty`)
	invalid      = regexp.MustCompile(`(?s)Invalid value .* for configuration ([a-z.]+)`)
	fieldPath    = regexp.MustCompile(`(field|key) "?[^ ]*"?: `)
	quoted       = regexp.MustCompile(`"(\\.|[^"\\])*"|'[^']*'|` + "`[^`]*`")
	hex          = regexp.MustCompile(`0x[0-9a-f]+`)
	digits       = regexp.MustCompile(`[0-9]+`)
)

// blurred leaves out of an error's text what is of the case and not of the kind.
func blurred(s string) string {
	s = ofTopic.ReplaceAllString(s, "of topic …$1")
	s = wrongJSON.ReplaceAllString(s, "JSON $1 … for $2")
	s = notFit.ReplaceAllStringFunc(s, func(m string) string {
		kind := "whole number"
		if strings.ContainsAny(m[:strings.LastIndex(m, " does")], ".eE") {
			kind = "fraction or exponent"
		}
		return "a " + kind + m[strings.LastIndex(m, " does"):]
	})
	s = duplication.ReplaceAllString(s, "field name duplication …")
	s = notField.ReplaceAllString(s, "… is not a valid field name")
	s = notAllowed.ReplaceAllString(s, "topic … becomes …, which Kafka does not allow")
	s = becomesEmpty.ReplaceAllString(s, "topic … becomes empty")
	s = invalid.ReplaceAllString(s, "Invalid value … for configuration $1")
	s = fieldPath.ReplaceAllString(s, "")
	s = quoted.ReplaceAllString(s, "…")
	s = hex.ReplaceAllString(s, "N")
	s = digits.ReplaceAllString(s, "N")
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 110 {
		s = string(r[:110])
	}
	return s
}
