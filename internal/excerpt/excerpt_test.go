package excerpt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/suiro/suiro/internal/excerpt"
)

func TestTextShowsTheBeginningOfALongText(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"short", 5, "short"},
		{"longer", 5, "longe… (cut, 6 bytes)"},
		{"größer", 3, "gr… (cut, 8 bytes)"},
		{"größer", 4, "grö… (cut, 8 bytes)"},
		{"日本語", 4, "日… (cut, 9 bytes)"},
		{"", 0, ""},
		{"x", 0, "… (cut, 1 bytes)"},
	} {
		if got := excerpt.Text(c.text, c.limit); got != c.want || !utf8.ValidString(got) {
			t.Errorf("Text(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestCausesNamesEachCause(t *testing.T) {
	err := fmt.Errorf("convert: %w", errors.New("not a number"))
	want := "*fmt.wrapError: convert: not a number\nCaused by: *errors.errorString: not a number\nat here"
	if got := excerpt.Causes(err, "at here", nil); got != want {
		t.Errorf("Causes = %q, want %q", got, want)
	}
}

// An error that is wrapped at every level of a nested value says its text once a
// level, so that all texts together grow with the square of the depth.
func TestCausesOfAnErrorThatIsWrappedAThousandTimesAreBounded(t *testing.T) {
	err := errors.New("at the bottom: " + strings.Repeat("x", 100_000))
	for i := range 1000 {
		err = fmt.Errorf("field %d: %w", i, err)
	}
	got := excerpt.Causes(err, strings.Repeat("a frame\n", 100_000), nil)
	if len(got) > excerpt.MaxTrace {
		t.Errorf("the causes have %d bytes, want at most %d", len(got), excerpt.MaxTrace)
	}
	for _, want := range []string{"field 999", "field 990", "more causes", "*errors.errorString: at the bottom", "a frame"} {
		if !strings.Contains(got, want) {
			t.Errorf("the causes do not hold %q", want)
		}
	}
	if got := excerpt.Error(err, nil); len(got) > excerpt.MaxMessage+100 || !strings.HasPrefix(got, "field 999") {
		t.Errorf("Error has %d bytes, want the beginning", len(got))
	}
}

// A secret that is cut in two would not be found any more.
func TestSecretsAreHiddenBeforeTextsAreCut(t *testing.T) {
	hide := func(s string) string { return strings.ReplaceAll(s, "hunter2", "[hidden]") }
	for name, got := range map[string]string{
		"Error": excerpt.Error(errors.New(strings.Repeat("x", excerpt.MaxMessage-3)+"hunter2"), hide),
		"Trace": excerpt.Trace(errors.New(strings.Repeat("x", excerpt.MaxTrace-3)+"hunter2"), hide),
		"Causes": excerpt.Causes(fmt.Errorf("a: %w", errors.New(strings.Repeat("x", 1021)+"hunter2")),
			strings.Repeat("s", excerpt.MaxStack-3)+"hunter2", hide),
	} {
		if strings.Contains(got, "hun") {
			t.Errorf("%s shows a part of a secret: …%s", name, got[max(0, len(got)-40):])
		}
	}
}
