package mistakes_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/suiro/suiro/streams/internal/mistakes"
)

func TestNilIsNoFunctionAndNoSerde(t *testing.T) {
	type serde interface{ Serialize() }
	var l mistakes.List
	l.Need("Filter", func(string) bool { return true }, (func(string) bool)(nil), serde(nil))
	l.Add(nil)
	l.Complete()
	l.Add(errors.New("too late"))
	got := fmt.Sprint(errors.Join(l.Errors()...))
	want := regexp.MustCompile(`^\w+\.(go|s):\d+: Filter was given nil for a function: pass a func\(string\) bool
\w+\.(go|s):\d+: Filter was given nil: it needs each of its arguments, such as streams\.String\(\) for a Serde
too late$`)
	if !want.MatchString(got) {
		t.Errorf("errors\n%s\nwant\n%s", got, want)
	}
}
