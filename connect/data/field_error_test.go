package data

import (
	"errors"
	"strings"
	"testing"
)

func TestErrorsInFieldsReadAsAPath(t *testing.T) {
	err := InField("a", InField("b", InField("c", ErrInvalid)))
	if got, want := err.Error(), `field "a": field "b": field "c": invalid data`; got != want {
		t.Errorf("InField = %q, want %q", got, want)
	}
	if !errors.Is(err, ErrInvalid) {
		t.Errorf("%v is not the error of the field", err)
	}
}

// An error that repeats its text at each level takes memory as the square of the
// depth, and a name is as long as a producer likes.
func TestErrorsInDeepFieldsStayShort(t *testing.T) {
	err := ErrInvalid
	for range 1000 {
		err = InField(strings.Repeat("水", 1000), err)
	}
	err = InField("first", err)
	text := err.Error()
	if len(text) > 8<<10 {
		t.Errorf("the error has %d bytes", len(text))
	}
	if !strings.HasPrefix(text, `field "first": `) || !strings.HasSuffix(text, ": invalid data") ||
		!strings.Contains(text, "985 more fields") {
		t.Errorf("the error reads %s", text)
	}
}

func TestAFieldsNameIsNotKeptWhole(t *testing.T) {
	err := InField(strings.Repeat("x", 1<<20), ErrInvalid)
	if n := len(err.(*fieldError).names[0]); n != shownName {
		t.Errorf("%d bytes of the name are kept, want %d", n, shownName)
	}
}
