package cases

import (
	"encoding/json"
	"strings"
	"testing"
)

func fields(pairs ...string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return out
}

func TestReadRefuses(t *testing.T) {
	const list = "is not a list of cases, each with name, input, and expect, dropped or rejected"
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", list},
		{"no list", "name: a", list},
		{"no cases", "[]", list},
		{"no YAML", "- a: [", "is not YAML: line 1: did not find expected node content"},
		{"no case", "- a", "line 1: a case is a mapping with name, input, and expect, dropped or rejected"},
		{"no input", "- name: a", "line 1: input is missing: the record to try"},
		{"input", "- name: a\n  input: {valeu: 1}", "line 1: input: unknown field \"valeu\": a record has topic, partition, " +
			"offset, timestamp, key, value, key_base64, value_base64, headers"},
		{"field", "- inputs: 1", "line 1: field \"inputs\" is unknown: a case has name, input, and expect, dropped or rejected"},
		{"two ends", "- input: {value: 1}\n  dropped: true\n  expect: {value: 1}",
			"line 1: a record ends in one way: expect, dropped or rejected"},
		{"dropped", "- input: {value: 1}\n  dropped: false", "line 1: dropped: must be true"},
		{"rejected", "- input: {value: 1}\n  rejected: {stage: A, why: b}",
			"line 1: rejected: must be a mapping with stage, class or reason"},
		{"expect", "- input: {value: 1}\n  expect: {offset: 1}",
			"line 1: expect: field \"offset\" is unknown: topic, partition, timestamp, key, value and headers are known"},
		{"expect a value", "- input: {value: 1}\n  expect: 1",
			"line 1: expect: must be a mapping with topic, partition, timestamp, key, value or headers, or a list of them"},
		{"expect a list of nothing", "- input: {value: 1}\n  expect: []",
			"line 1: expect: must have a record, or be dropped: true"},
		{"expect a list", "- input: {value: 1}\n  expect: [{value: 1}, {offset: 1}]",
			"line 1: expect: field \"offset\" is unknown: topic, partition, timestamp, key, value and headers are known"},
		{"alias", "- input: &a {value: 1}\n- input: *a", "line 2: input: aliases of YAML are not supported: write the value out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Read([]byte(c.text)); err == nil || err.Error() != c.want {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// several is a record that was split.
func several(values ...string) Outcome {
	var out Outcome
	for _, v := range values {
		out.Several = append(out.Several, fields("value", v))
	}
	return out
}

func pointer(o Outcome) *Outcome { return &o }

func TestDiff(t *testing.T) {
	record := Outcome{Fields: fields("topic", `"t"`, "value", `{"a":1.0,"b":"x"}`, "key", "null")}
	bad := Outcome{Rejected: &Rejection{"TRANSFORMATION", "a.b.Cast$Value", "not a number"}}
	for _, c := range []struct {
		name string
		want *Outcome
		got  Outcome
		diff string
	}{
		{"nothing expected", nil, Outcome{Dropped: true}, "nothing is expected|got  dropped"},
		{"same", &Outcome{Fields: fields("value", `{"b": "x", "a": 1}`)}, record, ""},
		{"no field", &Outcome{Fields: fields()}, record, ""},
		{"value", &Outcome{Fields: fields("value", `{"a": 2}`, "topic", `"t"`)}, record,
			`want value {"a":2}|got  value {"a":1.0,"b":"x"}`},
		{"text is no number", &Outcome{Fields: fields("value", `{"a":"1","b":"x"}`)}, record,
			`want value {"a":"1","b":"x"}|got  value {"a":1.0,"b":"x"}`},
		{"several", pointer(several(`{"a":1}`, `2`)), several(`{"a":1.0}`, `2`), ""},
		{"another of several", pointer(several(`1`, `2`)), several(`1`, `3`), "want value of record 2 2|got  value of record 2 3"},
		{"fewer", pointer(several(`1`, `2`)), several(`1`), "want 2 records|got  1 record: value 1"},
		{"several for one", &Outcome{Fields: fields("value", "1")}, several(`1`, `2`), "want 1 record|got  2 records: value 1 | value 2"},
		{"dropped", &Outcome{Dropped: true}, record, `want dropped|got  topic "t"   key null   value {"a":1.0,"b":"x"}`},
		{"both dropped", &Outcome{Dropped: true}, Outcome{Dropped: true}, ""},
		{"rejected", &Outcome{Rejected: &Rejection{"TRANSFORMATION", "Cast$Value", "number"}}, bad, ""},
		{"rejected somehow", &Outcome{Rejected: &Rejection{}}, bad, ""},
		{"another way", &Outcome{Rejected: &Rejection{"TASK_PUT", "Flatten", "text"}}, bad, "want stage TASK_PUT|" +
			"got  stage TRANSFORMATION|want class Flatten|got  class a.b.Cast$Value|want reason text|got  reason not a number"},
		{"not rejected", &Outcome{Rejected: &Rejection{}}, Outcome{Dropped: true}, "want rejected|got  dropped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(c.want.Diff(c.got), "|"); got != c.diff {
				t.Errorf("%s\nwant %s", got, c.diff)
			}
		})
	}
}

func TestUpdateKeepsCommentsAndWhatWasCompared(t *testing.T) {
	f, err := Read([]byte("# All.\n- name: a # one\n  input: {value: {z: 1, a: true}}\n  expect: {value: 2}\n" +
		"# Two.\n- input: {value: 2026-01-01}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(f.Cases[0].Input.Value.Bytes()) + string(f.Cases[1].Input.Value.Bytes()); got != `{"z":1,"a":true}2026-01-01` {
		t.Errorf("inputs %s", got)
	}
	got := Outcome{Fields: fields("topic", `"t"`, "key", "null", "value", `{"b":[1,"2"]}`, "headers", "{}")}
	for _, c := range f.Cases {
		if err := c.Update(got); err != nil {
			t.Fatal(err)
		}
	}
	text, err := f.Text()
	want := "# All.\n- name: a # one\n  input: {value: {z: 1, a: true}}\n  expect:\n    value: {b: [1, \"2\"]}\n\n" +
		"# Two.\n- input: {value: 2026-01-01}\n  expect:\n    value: {b: [1, \"2\"]}\n"
	if err != nil || string(text) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, text, want)
	}
	again, err := Read(text)
	if err != nil || again.Cases[0].Want.Diff(got) != nil || again.Cases[1].Want.Diff(got) != nil {
		t.Errorf("what was written is not what has come out: %v", err)
	}
}

func TestUpdateWritesSeveralRecords(t *testing.T) {
	f, err := Read([]byte("- input: {value: 1}\n  expect: {value: 2}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := several("1", "2")
	if err := f.Cases[0].Update(got); err != nil {
		t.Fatal(err)
	}
	text, err := f.Text()
	if want := "- input: {value: 1}\n  expect:\n    - value: 1\n    - value: 2\n"; err != nil || string(text) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, text, want)
	}
	again, err := Read(text)
	if err != nil || again.Cases[0].Want.Diff(got) != nil {
		t.Errorf("what was written is not what has come out: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("- name: a\n  input: {key: a, value: {b: [1.5, null]}}\n  expect: {value: 1}\n")
	f.Add("- input: {value: x}\n  rejected: {stage: A, reason: b}\n- input: {value: 1}\n  dropped: true\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Read([]byte(text))
		if err != nil {
			return
		}
		for _, c := range file.Cases {
			if c.Want != nil && c.Want.Diff(*c.Want) != nil {
				t.Errorf("line %d: what is expected differs from itself: %q", c.Line, c.Want.Diff(*c.Want))
			}
		}
	})
}
