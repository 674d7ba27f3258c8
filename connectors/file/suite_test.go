package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
)

func TestSourceKeepsItsPromises(t *testing.T) {
	connecttest.RunSource(t, SourcePlugin(), func(t *testing.T) connecttest.SourceCase {
		path := filepath.Join(t.TempDir(), "in")
		write(t, path, "one\ntwo\r\n\nfour\nfive")
		return connecttest.SourceCase{Props: props(path), Want: []string{"one", "two", "", "four", "five"},
			Broken: props(filepath.Join(t.TempDir(), "missing"))}
	})
}

func TestSourceLosesNothingWhenItsWorkerIsKilled(t *testing.T) {
	workertest.RunSource(t, SourcePlugin(), func(t *testing.T) connecttest.SourceCase {
		path := filepath.Join(t.TempDir(), "in")
		var lines []string
		for i := range 300 {
			lines = append(lines, fmt.Sprintf("line %d", i))
		}
		write(t, path, strings.Join(lines, "\n"))
		p := props(path)
		p["batch.size"] = "20"
		return connecttest.SourceCase{Props: p, Want: lines}
	}, nil)
}

// openFile is a file that the suites have a sink write.
func openFile(t *testing.T) connecttest.SinkCase {
	path := filepath.Join(t.TempDir(), "out")
	return connecttest.SinkCase{Props: map[string]string{"file": path}, Written: func(t testing.TB) []string {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}}
}

func TestSinkKeepsItsPromises(t *testing.T) { connecttest.RunSink(t, SinkPlugin(), openFile) }

func TestSinkLosesNothingWhenItsWorkerIsKilled(t *testing.T) {
	workertest.RunSink(t, SinkPlugin(), openFile, nil)
}

func TestLinesKeepTheConverterPromises(t *testing.T) {
	connecttest.RunConverter(t, func(*testing.T) connect.Converter { return text{} },
		connecttest.Value{Schema: stringSchema, Data: "a"}, connecttest.Value{Schema: stringSchema, Data: "é\x00"})
}
