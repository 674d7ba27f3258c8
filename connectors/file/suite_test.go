package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestSourceKeepsItsPromises(t *testing.T) {
	connecttest.RunSource(t, SourcePlugin(), func(t *testing.T) connecttest.SourceCase {
		path := filepath.Join(t.TempDir(), "in")
		write(t, path, "one\ntwo\r\n\nfour\nfive")
		return connecttest.SourceCase{Props: props(path), Want: []string{"one", "two", "", "four", "five"},
			Broken: props(filepath.Join(t.TempDir(), "missing"))}
	})
}

func TestSinkKeepsItsPromises(t *testing.T) {
	connecttest.RunSink(t, SinkPlugin(), func(t *testing.T) connecttest.SinkCase {
		path := filepath.Join(t.TempDir(), "out")
		return connecttest.SinkCase{Props: map[string]string{"file": path}, Written: func(t testing.TB) []string {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		}}
	})
}

func TestLinesKeepTheConverterPromises(t *testing.T) {
	connecttest.RunConverter(t, func(*testing.T) connect.Converter { return text{} },
		connecttest.Value{Schema: stringSchema, Data: "a"}, connecttest.Value{Schema: stringSchema, Data: "é\x00"})
}
