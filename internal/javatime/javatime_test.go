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
		"yyyyy": "letters yyyyy", "HHmmssSSS": "must follow a dot", "w": "letters w", "'x": "not closed",
		"'1'": "cannot be told", "'Jan'": "cannot be told", "'PM'": "cannot be told", "yyyy'_'d": "cannot be told",
		"Ms": "cannot be told", "'J''an'yyyy'Jan'": "cannot be told", "ss.SSSMM": "cannot be told", "'J''a'": "", "'7'": "",
	} {
		if want == "" {
			if layout, err := Layout(pattern); err != nil {
				t.Errorf("%s is %q, %v", pattern, layout, err)
			}
			continue
		}
		if _, err := Layout(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
}

// FuzzTextStandsForItself quotes any text: it is refused, or the same at all times.
func FuzzTextStandsForItself(f *testing.F) {
	f.Add("T")
	f.Add("o'clock 0")
	f.Fuzz(func(t *testing.T, text string) {
		layout, err := Layout("'" + strings.ReplaceAll(text, "'", "''") + "'")
		if err != nil || text == "" || text[0] == '\'' {
			return
		}
		for at := time.Date(2026, 1, 2, 3, 4, 5, 67e6, time.UTC); at.Year() < 2031; at = at.Add(1379*time.Hour + 13*time.Minute) {
			if got := at.Format(layout); got != text {
				t.Fatalf("text %q is %q, which formats %s", text, layout, got)
			}
		}
	})
}

func FuzzLayout(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSZ")
	f.Fuzz(func(t *testing.T, pattern string) {
		if layout, err := Layout(pattern); err == nil && pattern != "" && layout == "" {
			t.Errorf("%q has no layout", pattern)
		}
	})
}
