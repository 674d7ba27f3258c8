package output_test

import (
	"bytes"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
)

func TestFormats(t *testing.T) {
	value := map[string]any{"name": "in", "tasks": []int{0, 1}, "n": "1", "none": nil, "topics": []string{}, "trace": "a\nb", "on": true}
	table := output.Table{Header: []string{"NAME", "TASKS"}, Rows: [][]string{{"in", "2"}, {"out\x1b[2J", "a\nb"}}, Empty: "Nothing."}
	for format, want := range map[string]string{
		output.TableFormat: "NAME         TASKS\nin           2\nout\\x1b[2J   a b\n",
		output.Name:        "in\nout\\x1b[2J\n",
		output.JSON: `{
  "n": "1",
  "name": "in",
  "none": null,
  "on": true,
  "tasks": [
    0,
    1
  ],
  "topics": [],
  "trace": "a\nb"
}
`,
		output.YAML: "n: \"1\"\nname: in\nnone: null\non: true\ntasks:\n  - 0\n  - 1\ntopics: []\ntrace: |-\n  a\n  b\n",
	} {
		var b bytes.Buffer
		if err := output.Write(&b, format, value, table); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", format, got, want)
		}
	}
	var b bytes.Buffer
	if err := output.Write(&b, output.TableFormat, nil, output.Table{Empty: "Nothing."}); err != nil || b.String() != "Nothing.\n" {
		t.Errorf("an empty table: %q, %v", &b, err)
	}
}

// Whatever a worker answers comes back from the YAML as the text that it was.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"", "1", "no", "a: b", "\x7f\x1b", "# x", " a ", "a\n\n b\n", "- x", "\u2028", "'\"", "~"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = string([]rune(text)) // JSON knows no broken UTF-8
		var b bytes.Buffer
		if err := output.Write(&b, output.YAML, map[string]string{"k": text}, output.Table{}); err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := yaml.Unmarshal(b.Bytes(), &got); err != nil || got["k"] != text {
			t.Errorf("%q became %q, which is read as %q, %v", text, &b, got["k"], err)
		}
	})
}
