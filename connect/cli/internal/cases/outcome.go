package cases

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Outcome is what becomes of a record: it passes with fields, is dropped or is rejected.
type Outcome struct {
	// Fields are those of a record that passes, as JSON.
	Fields map[string]json.RawMessage
	// Dropped is whether a transform drops it.
	Dropped bool
	// Rejected says why it is rejected, nil when it is not.
	Rejected *Rejection
}

// Rejection says where and why a record is rejected. What is "" is not compared.
type Rejection struct {
	// Stage is the stage by Kafka Connect's name.
	Stage string
	// Class is the end of the class that fails, the whole one included.
	Class string
	// Reason is a part of the error.
	Reason string
}

// fieldNames are the fields that may be compared, in the order in which they are shown.
var fieldNames = []string{"topic", "partition", "timestamp", "key", "value", "headers"}

// Diff says how what has come out differs from what was expected, a line each; nil when it
// does not. Without an expectation everything differs.
func (want *Outcome) Diff(got Outcome) (lines []string) {
	if want == nil {
		return []string{"nothing is expected", "got  " + got.String()}
	}
	if want.kind() != got.kind() {
		return []string{"want " + want.String(), "got  " + got.String()}
	}
	if want.Rejected != nil {
		return want.Rejected.diff(*got.Rejected)
	}
	for _, name := range fieldNames {
		wanted, compared := want.Fields[name]
		if compared && !same(wanted, got.Fields[name]) {
			lines = append(lines, "want "+name+" "+short(wanted), "got  "+name+" "+short(got.Fields[name]))
		}
	}
	return lines
}

func (r Rejection) diff(got Rejection) (lines []string) {
	for _, c := range []struct {
		name, want, got string
		differs         bool
	}{
		{"stage", r.Stage, got.Stage, r.Stage != got.Stage},
		{"class", r.Class, got.Class, !strings.HasSuffix(got.Class, r.Class)},
		{"reason", r.Reason, got.Reason, !strings.Contains(got.Reason, r.Reason)},
	} {
		if c.want != "" && c.differs {
			lines = append(lines, "want "+c.name+" "+c.want, "got  "+c.name+" "+c.got)
		}
	}
	return lines
}

func (want Outcome) kind() string {
	switch {
	case want.Rejected != nil:
		return "rejected"
	case want.Dropped:
		return "dropped"
	}
	return "expect"
}

// String is the outcome in a line.
func (want Outcome) String() string {
	switch {
	case want.Rejected != nil:
		parts := slices.DeleteFunc([]string{want.Rejected.Stage, want.Rejected.Class, want.Rejected.Reason},
			func(s string) bool { return s == "" })
		return strings.TrimSpace("rejected " + strings.Join(parts, ": "))
	case want.Dropped:
		return "dropped"
	}
	parts := []string{}
	for _, name := range fieldNames {
		if text, there := want.Fields[name]; there {
			parts = append(parts, name+" "+short(text))
		}
	}
	return strings.Join(parts, "   ")
}

// short is JSON without blanks.
func short(text json.RawMessage) string {
	var out bytes.Buffer
	if text == nil {
		return "missing"
	}
	if json.Compact(&out, text) != nil {
		return string(text)
	}
	return out.String()
}

// node is the outcome as a case has it, with the fields that were there before, or with
// those that tell most of it.
func (want Outcome) node(before *Outcome) (name string, value *yaml.Node, err error) {
	if want.Dropped {
		return want.kind(), &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}, nil
	}
	value = &yaml.Node{Kind: yaml.MappingNode}
	add := func(name string, text []byte) {
		inner, ferr := fromJSON(text)
		if ferr != nil {
			err = ferr
			return
		}
		value.Content = append(value.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, inner)
	}
	if r := want.Rejected; r != nil {
		for _, field := range [][2]string{{"stage", r.Stage}, {"reason", r.Reason}} {
			text, _ := json.Marshal(field[1]) // a text can always be written
			add(field[0], text)
		}
		return want.kind(), value, err
	}
	for _, name := range fieldNames {
		text := want.Fields[name]
		shown := name == "value" || name == "key" && string(text) != "null" || name == "headers" && string(text) != "{}"
		if before != nil && len(before.Fields) > 0 {
			_, shown = before.Fields[name]
		}
		if shown && text != nil {
			add(name, text)
		}
	}
	return want.kind(), value, err
}
