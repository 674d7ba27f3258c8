package converters

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/json"
)

var update = flag.Bool("update", false, "rewrite the want files of testdata")

// TestCases runs each testdata/*.txtar: class and config.properties make a
// converter, and each line of in is a message. For each, want has what it is
// read as and, behind an arrow, what that is written as.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]*txtar.File{}
			for i := range a.Files {
				part[a.Files[i].Name] = &a.Files[i]
			}
			c := named(t, strings.TrimSpace(string(part["class"].Data)), properties(part["config.properties"].Data))
			var got bytes.Buffer
			for line := range bytes.Lines(part["in"].Data) {
				fmt.Fprintln(&got, answer(c, bytes.TrimSuffix(line, []byte("\n"))))
			}
			if *update {
				part["want"].Data = got.Bytes()
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := part["want"].Data; !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}

func properties(text []byte) map[string]string {
	props := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			props[k] = v
		}
	}
	return props
}

// named returns a converter by its class, of values or of headers.
func named(t *testing.T, class string, props map[string]string) connect.HeaderConverter {
	for _, p := range []connect.ConverterPlugin{BytesPlugin(), JSONPlugin(), LTSVPlugin(), StringPlugin()} {
		if p.Is(class) {
			return header{configured(t, p, props)}
		}
	}
	return headerConverter(t, class, props)
}

// answer says what a message is read as, and what that is written as.
func answer(c connect.HeaderConverter, raw []byte) string {
	s, v, err := c.ToConnectHeader("t", "k", raw)
	if err != nil {
		return err.Error()
	}
	back, err := c.FromConnectHeader("t", "k", s, v)
	if err != nil {
		return err.Error()
	}
	schema, err := json.AppendSchema(nil, s, data.JSONOptions{})
	if err != nil {
		return err.Error()
	}
	value, err := data.AppendText(nil, s, v)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s of %s -> %s", value, schema, back)
}
