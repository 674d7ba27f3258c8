package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/gen"
	"github.com/suiro/suiro/scripts/oracle-streams/internal/ours"
)

// made returns cases about something.
func made(t *testing.T, seed uint64, only string) string {
	t.Helper()
	var b bytes.Buffer
	if err := generate(gen.New(&b, seed, only), 200, "kept"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEqualSeedsMakeEqualCases(t *testing.T) {
	first := made(t, 1, "count")
	if first != made(t, 1, "count") {
		t.Error("one seed made two lists of cases")
	}
	if first == made(t, 2, "count") {
		t.Error("two seeds made one list of cases")
	}
}

func TestEachCaseIsAnsweredOnce(t *testing.T) {
	in := made(t, 1, "mapValues") + made(t, 1, "kept")
	var out bytes.Buffer
	if err := ours.All(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(out.String(), "\n"), strings.Count(in, "\n"); got != want || want == 0 {
		t.Errorf("%d answers to %d cases", got, want)
	}
	for _, wrong := range []string{"panic", "the oracle does not know", "the case has no step"} {
		if strings.Contains(out.String(), wrong) {
			t.Errorf("an answer says %q:\n%s", wrong, out.String())
		}
	}
}
