package topology

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/stores/kinds"
)

func TestNamesAreThoseOfTopics(t *testing.T) {
	for name, want := range map[string]string{
		"orders": "", "A.b-c_9": "", strings.Repeat("a", 249): "",
		"": "is empty", ".": "name of a folder", "..": "name of a folder", "../../etc": "the byte \"/\"", "a/b": "the byte",
		"a b": "the byte", "\xff": "the byte", "ä": "the byte", "a\x00": "the byte", strings.Repeat("a", 250): "250 bytes",
	} {
		err := CheckName(name)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("CheckName(%.40q) = %v, want %q", name, err, want)
		}
	}
}

func TestGraphsHaveLegalNames(t *testing.T) {
	var g Graph
	g.AddSource(Source{Name: "in", Topic: "../in"})
	g.AddProcessor(Processor{Name: "count", Stores: []Store{{Spec: kinds.Spec{Name: "a/b"}}}}, "in")
	g.AddSink(Sink{Name: "out", Topic: "\xff"}, "count")
	_, err := g.Build()
	for _, want := range []string{"node in reads", "node out writes", "node count has a store"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

// FuzzCheckName checks that a name that is accepted is one part of a path.
func FuzzCheckName(f *testing.F) {
	for _, name := range []string{"orders", "..", "a/b", "\xff", "a\\b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) == nil && (name == "" || strings.ContainsAny(name, "/\\\x00") || strings.Trim(name, ".") == "" && len(name) < 3) {
			t.Errorf("%q is accepted", name)
		}
	})
}
