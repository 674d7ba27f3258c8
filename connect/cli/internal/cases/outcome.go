package cases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Outcome is what becomes of a record: it passes with fields, is dropped or is rejected.
type Outcome struct {
	// Fields are those of a record that passes, as JSON.
	Fields map[string]json.RawMessage
	// Several are the fields of each record where a transform makes several of one, nil for
	// one record.
	Several []map[string]json.RawMessage
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
	wanted, records := want.records(), got.records()
	if len(wanted) != len(records) {
		return []string{"want " + amount(len(wanted)), "got  " + amount(len(records)) + ": " + got.String()}
	}
	for i := range wanted {
		of := ""
		if len(wanted) > 1 {
			of = fmt.Sprintf(" of record %d", i+1)
		}
		lines = append(lines, diff(wanted[i], records[i], of)...)
	}
	return lines
}

func amount(records int) string {
	if records == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", records)
}

// records are the fields of each record that has come out.
func (want Outcome) records() []map[string]json.RawMessage {
	if want.Several != nil {
		return want.Several
	}
	return []map[string]json.RawMessage{want.Fields}
}

// diff compares the fields that are wanted. of names the record where there are several.
func diff(want, got map[string]json.RawMessage, of string) (lines []string) {
	for _, name := range fieldNames {
		wanted, compared := want[name]
		if compared && !same(wanted, got[name]) {
			lines = append(lines, "want "+name+of+" "+short(wanted), "got  "+name+of+" "+short(got[name]))
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
	for _, fields := range want.records() {
		parts = append(parts, shown(fields))
	}
	return strings.Join(parts, " | ")
}

func shown(fields map[string]json.RawMessage) string {
	parts := []string{}
	for _, name := range fieldNames {
		if text, there := fields[name]; there {
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
	switch {
	case want.Dropped:
		return want.kind(), &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"}, nil
	case want.Rejected != nil:
		stage, _ := json.Marshal(want.Rejected.Stage) // a text can always be written
		reason, _ := json.Marshal(want.Rejected.Reason)
		value, err = mapping([]string{"stage", "reason"}, [][]byte{stage, reason})
		return want.kind(), value, err
	case want.Several == nil:
		value, err = nodeOf(want.Fields, before.fieldsOf(0))
		return want.kind(), value, err
	}
	value = &yaml.Node{Kind: yaml.SequenceNode}
	for i, fields := range want.Several {
		one, err := nodeOf(fields, before.fieldsOf(i))
		if err != nil {
			return "", nil, err
		}
		value.Content = append(value.Content, one)
	}
	return want.kind(), value, nil
}

// fieldsOf are the fields that were compared of a record, nil when there was none.
func (want *Outcome) fieldsOf(i int) map[string]json.RawMessage {
	if want == nil {
		return nil
	}
	all := want.records()
	return all[min(i, len(all)-1)]
}

// nodeOf is a record that has come out, with the fields that were compared before.
func nodeOf(fields, before map[string]json.RawMessage) (*yaml.Node, error) {
	var names []string
	var texts [][]byte
	for _, name := range fieldNames {
		text := fields[name]
		shown := name == "value" || name == "key" && string(text) != "null" || name == "headers" && string(text) != "{}"
		if len(before) > 0 {
			_, shown = before[name]
		}
		if shown && text != nil {
			names, texts = append(names, name), append(texts, text)
		}
	}
	return mapping(names, texts)
}

func mapping(names []string, texts [][]byte) (*yaml.Node, error) {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for i, name := range names {
		inner, err := fromJSON(texts[i])
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, inner)
	}
	return out, nil
}
