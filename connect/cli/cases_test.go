package cli

import (
	"bytes"
	"os"
	"testing"
)

// With --update a file says what comes out, and the test passes afterwards.
func TestUpdateWritesWhatComesOut(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.json", `{"name": "a", "config": {"connector.class": "FileStreamSink", "topics": "t",
		"key.converter": "StringConverter", "value.converter": "StringConverter"}}`)
	write("a.test.yaml", "# Lines.\n- name: a line\n  input: {value: a}\n- name: a wrong line\n  input: {value: b}\n"+
		"  expect: {value: c}\n")
	connectTest := func(want int, args ...string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), append([]string{"connect", "test"}, args...), &stdout, &stderr); code != want {
			t.Fatalf("exit code %d, want %d\n%s%s", code, want, &stdout, &stderr)
		}
	}
	connectTest(ExitFailure, ".")
	connectTest(ExitOK, ".", "--update")
	connectTest(ExitOK, ".")
	got, err := os.ReadFile("a.test.yaml")
	want := "# Lines.\n- name: a line\n  input: {value: a}\n  expect:\n    value: a\n\n- name: a wrong line\n  input: {value: b}\n" +
		"  expect:\n    value: b\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}
