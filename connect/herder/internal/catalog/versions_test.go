package catalog

import "testing"

func TestVersionsAreTakenAsMavenWritesThem(t *testing.T) {
	for _, c := range []struct {
		text, version string
		has           bool
		shown         string // "" for text that is refused
	}{
		{"1.0", "1.0", true, "[1.0,1.0]"},
		{"1.0", "1.0.0", true, "[1.0,1.0]"},
		{"1.0", "1.0.1", false, "[1.0,1.0]"},
		{"[1.0]", "v1.0", true, "[1.0,1.0]"},
		{"[1.0,2.0]", "2.0", true, "[1.0,2.0]"},
		{"[1.0,2.0)", "2.0", false, "[1.0,2.0)"},
		{"(1.0,2.0]", "1.0", false, "(1.0,2.0]"},
		{"[1.0,)", "10.2", true, "[1.0,)"},
		{"(,1]", "1.0.1", false, "(,1]"},
		{"[1],[3]", "3", true, "[1,1],[3,3]"},
		{"[1],[3]", "2", false, "[1,1],[3,3]"},
		{",", "devel", true, "[,]"},
		{"devel", "devel", true, "[devel,devel]"},
		{"[1,)", "devel", false, "[1,)"},
		{"[1,a]", "1", false, ""},
		{"[0-a,0-b]", "0-ab", true, "[0-a,0-b]"},
		{"", "1", false, "[,]"},
		{"[1.0", "", false, ""},
		{"(1)", "", false, ""},
		{"[1,2,3]", "", false, ""},
		{"[2,1]", "", false, ""},
		{"[1]2", "", false, ""},
	} {
		all, ok := readVersions(c.text)
		if got := all.String(); ok != (c.shown != "") || ok && got != c.shown {
			t.Errorf("readVersions(%q) = %q, %t, want %q", c.text, got, ok, c.shown)
		}
		if ok && all.has(c.version) != c.has {
			t.Errorf("%q has %q = %t, want %t", c.text, c.version, !c.has, c.has)
		}
	}
}
