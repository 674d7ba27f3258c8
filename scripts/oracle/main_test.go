package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/scripts/oracle/internal/answer"
	"github.com/suiro/suiro/scripts/oracle/internal/cases"
)

func TestEqualSeedsMakeEqualCases(t *testing.T) {
	made := func(seed uint64) string {
		var b bytes.Buffer
		if err := generate(cases.NewGen(&b, seed, 200, "Router")); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := made(1)
	if first != made(1) {
		t.Error("one seed made two lists of cases")
	}
	if first == made(2) {
		t.Error("two seeds made one list of cases")
	}
}

func TestEachCaseIsAnsweredOnce(t *testing.T) {
	var in, out bytes.Buffer
	if err := generate(cases.NewGen(&in, 1, 100, "Tombstone")); err != nil {
		t.Fatal(err)
	}
	want := strings.Count(in.String(), "\n")
	if err := answer.All(builtin.Plugins(), &in, &out); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); got != want || want == 0 {
		t.Errorf("%d answers to %d cases", got, want)
	}
	if strings.Contains(out.String(), `"stage":"panic"`) {
		t.Errorf("a plugin panics: %s", out.String())
	}
}
