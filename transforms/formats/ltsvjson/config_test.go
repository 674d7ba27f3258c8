package ltsvjson

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/formats/ltsv"
)

var update = flag.Bool("update", false, "rewrite the want files of testdata")

// TestCases runs each testdata/*.txtar: config.properties and in.ltsv give
// want.json, a line for each line, an error where a record is rejected.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]*txtar.File{}
			for i := range a.Files {
				part[a.Files[i].Name] = &a.Files[i]
			}
			got := convert(t, part["config.properties"].Data, part["in.ltsv"].Data)
			if *update {
				part["want.json"].Data = got
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := part["want.json"].Data; !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func convert(t *testing.T, properties, in []byte) []byte {
	t.Helper()
	props := map[string]string{}
	for line := range bytes.Lines(properties) {
		if k, v, ok := bytes.Cut(bytes.TrimSpace(line), []byte("=")); ok {
			props[string(k)] = string(v)
		}
	}
	var out bytes.Buffer
	e, err := fromProperties(props)
	if err != nil {
		return append([]byte(err.Error()), '\n')
	}
	for line := range ltsv.Lines(in) {
		object, err := e.Append(nil, line)
		if err != nil {
			object = []byte(err.Error())
		}
		out.Write(append(object, '\n'))
	}
	return out.Bytes()
}

func fromProperties(props map[string]string) (*Encoder, error) {
	v, err := config.New(Keys()...).Parse(props)
	if err != nil {
		return nil, err
	}
	o, err := FromValues(v)
	if err != nil {
		return nil, err
	}
	return New(o)
}
