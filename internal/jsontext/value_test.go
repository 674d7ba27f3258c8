package jsontext

import (
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

func TestLast(t *testing.T) {
	v := fastjson.MustParse(`{"a":1,"b":2,"\u0061":3}`)
	for key, want := range map[string]string{"a": "3", "b": "2"} {
		if got := Last(v.GetObject(), key); got.String() != want {
			t.Errorf("Last(%s) = %v, want %s", key, got, want)
		}
	}
	if got := Last(v.GetObject(), "c"); got != nil {
		t.Errorf("Last of a key that is not there = %v", got)
	}
	if got := Last(v.GetObject("a"), "b"); got != nil {
		t.Errorf("Last of no object = %v", got)
	}
}

func TestShownIsShort(t *testing.T) {
	v := fastjson.MustParse(`"` + strings.Repeat("x", 100) + `"`)
	if got, want := Shown(v), `"`+strings.Repeat("x", 39)+"…"; got != want {
		t.Errorf("Shown = %s, want %s", got, want)
	}
}
