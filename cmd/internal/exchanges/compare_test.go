package exchanges_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// differences are what a client that depends on Kafka Connect's answer finds otherwise in
// ours: the place, and what ours has there.
func differences(java, ours message) (out []string) {
	if java.first != ours.first {
		out = append(out, "status: "+ours.first)
	}
	for _, name := range kept {
		if got := ours.header(name); got != java.header(name) && !(name == "Allow" && java.first == "405") {
			out = append(out, name+": "+got)
		}
	}
	var want, got any
	if json.Unmarshal([]byte(java.body), &want) != nil || json.Unmarshal([]byte(ours.body), &got) != nil {
		if java.body != ours.body {
			out = append(out, "body: "+ours.body)
		}
		return out
	}
	return append(out, compare("", want, got)...)
}

var (
	free = regexp.MustCompile(`^(` + strings.Join(paths(places), "|") + `)$`)
	more = regexp.MustCompile(`^(` + strings.Join(paths(additions), "|") + `)$`)
)

// compare returns what differs below a place of an answer. A place that may differ has a
// value of the same type all the same, unless it is null or missing in one of them.
func compare(place string, want, got any) (out []string) {
	sameType := fmt.Sprintf("%T", want) == fmt.Sprintf("%T", got)
	a, b := members(want), members(got)
	switch {
	case free.MatchString(place):
		if !sameType && want != nil && got != nil {
			out = append(out, place+": "+short(got))
		}
		return out
	case a == nil || b == nil || !sameType:
		if short(want) != short(got) {
			out = append(out, strings.TrimPrefix(place+": "+short(got), ": "))
		}
		return out
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		at := strings.TrimPrefix(place+"."+name, ".")
		if value, ok := b[name]; ok {
			out = append(out, compare(at, a[name], value)...)
		} else if !free.MatchString(at) {
			out = append(out, "without "+at)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		at := strings.TrimPrefix(place+"."+name, ".")
		if _, ok := a[name]; !ok && !free.MatchString(at) && !more.MatchString(at) {
			out = append(out, "with "+at+": "+short(b[name]))
		}
	}
	return out
}

// members are the members of an object, or the elements of a list: by what names them, as
// nobody promises an order, or by their numbers. They are nil for other values.
func members(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return v
	case []any:
		out := make(map[string]any, len(v))
		for i, each := range v {
			name := nameOf(each)
			if name == "" {
				name = fmt.Sprint(i)
			} else if _, twice := out[name]; twice {
				name += " again"
			}
			out[name] = each
		}
		return out
	}
	return nil
}

// nameOf is what names an element of a list: a key, a plugin, an offset or a text.
func nameOf(v any) string {
	if text, ok := v.(string); ok && len(text) < 50 {
		return text
	}
	m, _ := v.(map[string]any)
	if value, ok := m["value"].(map[string]any); ok {
		m = value
	}
	switch {
	case m["partition"] != nil:
		return short(m["partition"])
	case m["class"] != nil:
		return fmt.Sprint(m["type"], " ", m["class"])
	}
	name, _ := m["name"].(string)
	return name
}

// short is JSON, cut.
func short(v any) string {
	text, _ := json.Marshal(v)
	return fmt.Sprintf("%.500s", text)
}

// bare is an answer without the long texts that are not compared, for testdata.
func bare(m message) message {
	var v any
	if m.body != "" && json.Unmarshal([]byte(m.body), &v) == nil {
		strip(v)
		text, _ := json.Marshal(v)
		m.body = string(text)
	}
	return m
}

func strip(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			switch name {
			case "documentation", "display_name", "trace":
				v[name] = ""
			case "recommended_values":
				v[name] = []any{}
			default:
				strip(value)
			}
		}
	case []any:
		for _, each := range v {
			strip(each)
		}
	}
}
