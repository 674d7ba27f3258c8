package guide

import (
	"slices"
	"strings"
	"testing"
)

const page = "# A page\n\n```go file=a/main.go\npackage main\n```\n\nText with `code`.\n\n```sh background=app\nrun\n```\n" +
	"```console eventually\n$ ask \\\n  twice\nyes\n```\n```text log=app\nhello\n```\n<!-- stop app -->\n```text\nshown\n```\n"

func TestParseFindsTheStepsOfAPage(t *testing.T) {
	got, err := Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{
		{Line: 3, Do: "file", Name: "a/main.go", Text: "package main\n"},
		{Line: 9, Do: "sh", Name: "app", Text: "run\n"},
		{Line: 12, Do: "console", Eventually: true, Text: "$ ask \\\n  twice\nyes\n"},
		{Line: 17, Do: "log", Name: "app", Text: "hello\n"},
		{Line: 20, Do: "stop", Name: "app"},
		{Line: 21, Do: "show", Text: "shown\n"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("Parse = %+v, want %+v", got, want)
	}
}

func TestParseRefusesBlocksThatNothingTries(t *testing.T) {
	for text, want := range map[string]string{
		"```go\nx\n```\n":             "line 1: a block \"go\"",
		"a\n```\nx\n```\n":            "line 2: a block \"\"",
		"```console sometimes\n```":   "line 1",
		"```sh\nnever closed\n":       "does not end",
		"```go from=\npackage a\n```": "line 1",
		"```go file=\npackage a\n```": "line 1",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v, want an error with %q", text, err, want)
		}
	}
}

func TestCommandsOfAConsoleBlock(t *testing.T) {
	got := commands("$ a \\\n  b\none\ntwo\n$ c\n$ d &\n$ e\nthree\n")
	if want := []command{{"a \\\n  b\n", "one\ntwo\n"}, {"c\n", ""}, {"d &\ne\n", "three\n"}}; !slices.Equal(got, want) {
		t.Errorf("commands = %q, want %q", got, want)
	}
}

func TestDotsStandForAnything(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"a\nb\n", "a\nb", true},
		{"a\nb\n", "a\nc\n", false},
		{"a\n", "a\nb\n", false},
		{"took ... ms\n", "took 12 ms\n", true},
		{"a\n...\nd\n", "a\nb\nc\nd\n", true},
		{"a\n...\nd\n", "a\nd\n", true},
		{"a (b)\n", "a (b)\n", true},
		{"", "", true},
		{"", "a\n", false},
	} {
		if got := matches(c.want, c.got); got != c.ok {
			t.Errorf("matches(%q, %q) = %t, want %t", c.want, c.got, got, c.ok)
		}
	}
}
