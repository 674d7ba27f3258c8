//go:build unix

package file

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/suiro/suiro/connect/connecttest"
)

// pipeSource runs a task over a named pipe.
func pipeSource(t *testing.T, end string) (path string, s *connecttest.Source) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	p := props(path, "file.end", end)
	c := &SourceConnector{}
	if err := c.Start(t.Context(), connecttest.Parse(t, SourcePlugin().Info, p)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return path, connecttest.StartSource(t, SourcePlugin().Info, connecttest.NewSourceContext(), c.NewTask(), p)
}

func writer(t *testing.T, path, content string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(content); err != nil {
		t.Fatal(err)
	}
}

func TestSourceReadsANamedPipeOfManyWriters(t *testing.T) {
	path, s := pipeSource(t, "follow")
	writer(t, path, "a\nb")
	if got, want := texts(s.Take(1)), "a"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
	writer(t, path, "c\nd\n")
	if got, want := texts(s.Take(2)), "bc d"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
}

func TestSourceEndsWithTheWritersOfANamedPipe(t *testing.T) {
	path, s := pipeSource(t, "stop")
	if records, err := s.Task.Poll(t.Context()); len(records) > 0 || err != nil {
		t.Fatalf("Poll without a writer = %s, %v, want nothing", texts(records), err)
	}
	writer(t, path, "a\nb")
	if got, want := texts(readAll(s)), "a b"; got != want {
		t.Errorf("lines = %s, want %s", got, want)
	}
}
