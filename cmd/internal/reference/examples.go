package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/rogpeppe/go-internal/txtar"
)

// example is a case of a transform's tests, in the file example.txtar of its testdata.
type example struct {
	about    string
	config   [][2]string // keys and values, the class first
	in, want []string    // records
}

// readExamples returns the examples of all transforms, by the names of the folders with
// their cases, such as parse_json.
func readExamples() (map[string]example, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	all := map[string]example{}
	err = filepath.WalkDir(filepath.Join(root, "transforms"), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "example.txtar" {
			return err
		}
		a, err := txtar.ParseFile(file)
		if err != nil {
			return err
		}
		e, err := parseExample(a)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		all[filepath.Base(filepath.Dir(file))] = e
		return nil
	})
	return all, err
}

// moduleRoot is the folder with go.mod at or above the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod is at or above the working directory")
		}
		dir = up
	}
}

func parseExample(a *txtar.Archive) (e example, err error) {
	e.about = strings.TrimSpace(string(a.Comment))
	for _, f := range a.Files {
		switch lines := strings.Split(strings.TrimSpace(string(f.Data)), "\n"); f.Name {
		case "config.json":
			e.config, err = inOrder(f.Data)
		case "in.jsonl":
			e.in = lines
		case "want.jsonl":
			e.want = lines
		}
	}
	if err == nil && (len(e.config) == 0 || len(e.in) != len(e.want)) {
		err = errors.New("want a configuration, and as many records after as before")
	}
	return e, err
}

// inOrder returns the names and texts of a JSON object as they are written.
func inOrder(object []byte) (out [][2]string, err error) {
	d := json.NewDecoder(bytes.NewReader(object))
	var texts []string
	for d.InputOffset() < int64(len(object)) {
		token, err := d.Token()
		if err != nil {
			break // the end
		}
		if text, ok := token.(string); ok {
			texts = append(texts, text)
		}
	}
	if len(texts)%2 != 0 {
		return nil, errors.New("a configuration has texts alone")
	}
	for i := 0; i < len(texts); i += 2 {
		out = append(out, [2]string{texts[i], texts[i+1]})
	}
	return out, nil
}

// folderOf is the name of the folder with the cases of a transform: parse_json of ParseJson.
func folderOf(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// writeExample adds an example of the transform to its section.
func writeExample(p *page, name string, e example) {
	p.say("Example: %s", e.about)
	alias := strings.ToLower(name[:1]) + name[1:]
	lines := []string{fmt.Sprintf(`  "transforms": %s`, quote(alias))}
	for _, kv := range e.config {
		value := kv[1]
		if strings.HasPrefix(value, "../") {
			value = path.Base(value) // a file of the tests
		}
		lines = append(lines, fmt.Sprintf("  %s: %s", quote("transforms."+alias+"."+kv[0]), quote(value)))
	}
	p.block("json", "{\n"+strings.Join(lines, ",\n")+"\n}")
	var steps []string
	for i := range e.in {
		steps = append(steps, shownRecord(e.in[i])+"\n  becomes\n"+shownRecord(e.want[i]))
	}
	p.block("text", strings.Join(steps, "\n\n"))
}

func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a text can always be written
	return strings.TrimSpace(b.String())
}

// shownRecord is a record on one line if it is short, or what became of it in words.
func shownRecord(text string) string {
	text = strings.ReplaceAll(text, `"partition":0,`, "") // where the example says nothing
	if len(text) <= columns {
		return text
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		return wrap(text, "")
	}
	return b.String()
}
