package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestSinkAppendsLinesBeforeOffsets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	tp := connect.TopicPartition{Topic: "lines"}
	for range 2 {
		s := connecttest.StartSink(t, SinkPlugin().Info, (&SinkConnector{}).NewTask(), map[string]string{"file": path})
		s.Open(tp)
		s.Put(connecttest.Records(tp, 0, `{"a":1}`, `"b"`)...)
		if got := s.Commit(); got[tp] != 2 {
			t.Errorf("committed %v, want 2", got)
		}
		s.Stop()
	}
	got, err := os.ReadFile(path)
	if want := "{\"a\":1}\n\"b\"\n{\"a\":1}\n\"b\"\n"; err != nil || string(got) != want {
		t.Errorf("file holds %q, %v, want %q", got, err, want)
	}
}

func TestSinkEndsALineThatACrashLeftOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	write(t, path, "1\n2")
	tp := connect.TopicPartition{Topic: "lines"}
	s := connecttest.StartSink(t, SinkPlugin().Info, (&SinkConnector{}).NewTask(), map[string]string{"file": path})
	s.Put(connecttest.Records(tp, 1, "22", "33")...)
	got, err := os.ReadFile(path)
	if want := "1\n2\n22\n33\n"; err != nil || string(got) != want {
		t.Errorf("file holds %q, %v, want %q", got, err, want)
	}
}

// The tasks of a sink append to one file without cutting each other's lines.
func TestSinkWritesWholeLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	long := strings.Repeat("x", 3000)
	var sinks []*connecttest.Sink
	for range 2 {
		sinks = append(sinks, connecttest.StartSink(t, SinkPlugin().Info, (&SinkConnector{}).NewTask(),
			map[string]string{"file": path}))
	}
	for i := range 10 {
		for p, s := range sinks {
			s.Put(connecttest.Records(connect.TopicPartition{Topic: "lines", Partition: int32(p)}, int64(i), `"`+long+`"`)...)
		}
	}
	for _, s := range sinks {
		s.Commit()
	}
	got, err := os.ReadFile(path)
	if want := strings.Repeat(`"`+long+"\"\n", 20); err != nil || string(got) != want {
		t.Errorf("file holds %d bytes, %v, want 20 whole lines of %d", len(got), err, len(long))
	}
}

// lengths remembers how long each write is.
type lengths []int

// Write implements [io.Writer].
func (l *lengths) Write(b []byte) (int, error) {
	if len(b) > 0 && b[len(b)-1] == '\n' {
		*l = append(*l, len(b))
	}
	return len(b), nil
}

// What many long records take is not held a second time as a whole.
func TestSinkWritesManyLongLinesInPieces(t *testing.T) {
	task := &SinkTask{}
	s := connecttest.StartSink(t, SinkPlugin().Info, task, map[string]string{"file": filepath.Join(t.TempDir(), "out")})
	var got lengths
	task.out = &got
	long := `"` + strings.Repeat("x", maxWrite/2-3) + `"`
	var values []string
	for range 5 {
		values = append(values, long)
	}
	s.Put(connecttest.Records(connect.TopicPartition{Topic: "lines"}, 0, append(values, `"`+strings.Repeat("y", 2*maxWrite)+`"`)...)...)
	line := maxWrite / 2
	if want := []int{2 * line, 2 * line, line + 2*maxWrite + 3}; !slices.Equal(got, want) {
		t.Errorf("writes of %v bytes, want %v", got, want)
	}
}

func TestSinkNamesTheFileItCannotOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "out")
	task := (&SinkConnector{}).NewTask()
	err := task.Start(t.Context(), connecttest.NewSinkContext(),
		connecttest.Parse(t, SinkPlugin().Info, map[string]string{"file": path}))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("Start = %v, want that %s does not exist", err, path)
	}
	_ = task.Stop()
}
