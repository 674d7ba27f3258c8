package logtest_test

import (
	"slices"
	"testing"

	"github.com/suiro/suiro/internal/logtest"
)

func TestLinesAreThoseWithTheText(t *testing.T) {
	var l logtest.Log
	l.Logger().Debug("one", "n", 1)
	l.Logger().Info("one", "n", 2)
	l.Logger().Warn("two", "n", 3)
	got := l.Lines("msg=one")
	if len(got) != 1 || got[0][len(got[0])-len("msg=one n=2"):] != "msg=one n=2" {
		t.Errorf("lines = %q, want the one from info on", got)
	}
	if all := l.Lines(""); len(all) != 2 || !slices.Contains(all, got[0]) {
		t.Errorf("all lines = %q, want two", all)
	}
}
