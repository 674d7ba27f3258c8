package configfiles

import (
	"strings"
	"testing"
)

func TestYAMLThatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"- a\n": "is not a YAML mapping", "a: [": "is not YAML: ", "name: in\nconfig:\n  k: null\n": "k: must not be null",
		"? [a]\n: b\n": "a key is a text", "name: in\nconfig: &a\n  k: *a\n": "the values of a configuration are texts",
		"name: in\nconfig:\n  k: 1\n  k: 2\n": "k", "": "is not a YAML mapping",
	} {
		if _, err := ParseNamed("in.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// What is read is a connector with a name, whatever the text.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"name: in\nconfig:\n  connector.class: C\n", "a: &a [*a]\n", "{name: in}", "name: !!binary aGk=\n", "<<: {name: a}\n",
		"name: in\n---\nname: out\n", "name: |\n  a\n  b\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseNamed("in.yaml", []byte(text))
		if err == nil && (strings.TrimSpace(got.Name) == "" || got.Config["name"] != got.Name) {
			t.Errorf("%q is read as %+v", text, got)
		}
	})
}
