package javatime

import (
	"strings"
	"testing"
	"time"
)

func TestLayout(t *testing.T) {
	at := time.Date(2026, 3, 5, 14, 7, 9, 45e6, time.FixedZone("", 9*3600))
	for pattern, want := range map[string]string{
		"yyyy-MM-dd'T'HH:mm:ss.SSSXXX": "2026-03-05T14:07:09.045+09:00",
		"dd/MMM/yyyy:HH:mm:ss Z":       "05/Mar/2026:14:07:09 +0900",
		"EEEE d MMMM yy, h:mm a":       "Thursday 5 March 26, 2:07 PM",
		"yyyyMMdd":                     "20260305",
		"''yyyy''":                     "'2026'",
		"'week'' of' yyyy":             "week' of 2026",
	} {
		layout, err := Layout(pattern)
		if got := at.Format(layout); err != nil || got != want {
			t.Errorf("%s is %q, %v: formats %s, want %s", pattern, layout, err, got, want)
		}
	}
	for pattern, want := range map[string]string{
		"yyyyy": "letters yyyyy", "HHmmssSSS": "must follow a dot", "w": "letters w", "'x": "not closed", "'1'": `text "1"`,
	} {
		if _, err := Layout(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
}

func FuzzLayout(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSZ")
	at := time.Date(2026, 3, 5, 14, 7, 9, 45e6, time.UTC)
	f.Fuzz(func(t *testing.T, pattern string) {
		layout, err := Layout(pattern)
		if err != nil {
			return
		}
		if text := at.Format(layout); strings.ContainsAny(layout, "0123456789") && text == layout {
			t.Errorf("%q is %q, which has no element of the time", pattern, layout)
		}
	})
}
