package config_test

import (
	"slices"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestUnknownKeyNamesTheNearest(t *testing.T) {
	known := []string{"bootstrap.servers", "offset.flush.interval.ms", "topic", "topics", "file"}
	for name, want := range map[string]string{
		"bootstrap.server":        `Unknown configuration "bootstrap.server", did you mean "bootstrap.servers"?`,
		"offset.flush.intervalms": `Unknown configuration "offset.flush.intervalms", did you mean "offset.flush.interval.ms"?`,
		"topci":                   `Unknown configuration "topci", did you mean "topic"?`,
		"fiel":                    `Unknown configuration "fiel", did you mean "file"?`,
		"compression":             `Unknown configuration "compression"`,
	} {
		if got := config.UnknownKey(name, known).Error(); got != want {
			t.Errorf("UnknownKey(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestEditsCountsSlips(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"file", "file", 0}, {"", "file", 4}, {"fiel", "file", 1}, {"flie", "file", 1}, {"fil", "file", 1},
		{"files", "file", 1}, {"tile", "file", 1}, {"abcd", "badc", 2},
	} {
		if got, back := config.Edits(c.a, c.b), config.Edits(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("Edits(%q, %q) = %d, and %d the other way round, want %d", c.a, c.b, got, back, c.want)
		}
	}
}

// The suggestion is a name that exists, and a name that exists is its own.
func FuzzUnknownKey(f *testing.F) {
	f.Add("bootstrap.server", "bootstrap.servers", "file")
	f.Add("", "", "水路")
	f.Fuzz(func(t *testing.T, name, first, second string) {
		known := []string{first, second}
		got := config.UnknownKey(name, known)
		if got.Key != name || got.Fault != config.Unknown {
			t.Errorf("UnknownKey(%q) = %+v, want an unknown key of that name", name, got)
		}
		near := config.Nearest(name, known)
		if near != "" && !slices.Contains(known, near) {
			t.Errorf("Nearest(%q, %q) = %q, want one of them", name, known, near)
		}
		if slices.Contains(known, name) && near != name {
			t.Errorf("Nearest(%q, %q) = %q, want the name itself", name, known, near)
		}
	})
}
