package backing

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

func openFile(t *testing.T) *File {
	t.Helper()
	s, err := OpenFile(filepath.Join(t.TempDir(), "offsets"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // of a test that is over
	return s
}

// copied waits until a store has copied what it was given.
func copied(t *testing.T, s *Layered) {
	t.Helper()
	if err := s.copies.wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestLayeredReadsTheWorkersOffsetsWhereItHasNone(t *testing.T) {
	own, worker := openTopic(t, kafkatest.Start(t)), openFile(t)
	put(t, worker, "src", Entry{logA, map[string]any{"position": 1}}, Entry{logB, map[string]any{"position": 2}})
	s := NewLayered(own, worker, nil)
	want(t, "the worker's", s, "src", logA, map[string]any{"position": int64(1)})

	put(t, s, "src", Entry{logA, map[string]any{"position": 3}})
	copied(t, s)
	want(t, "its own", s, "src", logA, map[string]any{"position": int64(3)})
	want(t, "the copy", worker, "src", logA, map[string]any{"position": int64(3)})
	want(t, "one that it has not", s, "src", logB, map[string]any{"position": int64(2)})
	want(t, "not copied", own, "src", logB, nil)
	put(t, own, "src", Entry{logB, map[string]any{"position": 5}})
	got, err := s.List("src")
	if err != nil || len(got) != 2 || got[0].Offset["position"] != int64(3) || got[1].Offset["position"] != int64(5) {
		t.Errorf("List = %v, %v, want both partitions with its own offsets", got, err)
	}

	put(t, s, "src", Entry{Partition: logA}, Entry{logB, map[string]any{"position": 6}})
	copied(t, s)
	for name, store := range map[string]OffsetStore{"layered": s, "own": own, "worker": worker} {
		want(t, name, store, "src", logA, nil)
		want(t, name, store, "src", logB, map[string]any{"position": int64(6)})
	}
}

// refusing is a store that keeps nothing.
type refusing struct{ *File }

func (refusing) Put(context.Context, string, []Entry) error { return errors.New("no space left") }

func TestLayeredFailsToForgetWhatTheWorkerWouldRemember(t *testing.T) {
	worker := openFile(t)
	put(t, worker, "src", Entry{logA, map[string]any{"position": 1}})
	var log bytes.Buffer
	s := NewLayered(openTopic(t, kafkatest.Start(t)), refusing{worker}, slog.New(slog.NewTextHandler(&log, nil)))
	if err := s.Put(t.Context(), "src", []Entry{{Partition: logA}}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("Put without offset = %v, want the error of the worker's store", err)
	}
	put(t, s, "src", Entry{logA, map[string]any{"position": 2}})
	copied(t, s)
	if err := s.Applied("src", []Entry{{logB, map[string]any{"position": 3}}}); err != nil {
		t.Errorf("Applied = %v, want no error", err)
	}
	copied(t, s)
	want(t, "committed", s, "src", logB, map[string]any{"position": int64(3)})
	want(t, "kept", s, "src", logA, map[string]any{"position": int64(2)})
	if got := strings.Count(log.String(), "no space left"); got != 2 {
		t.Errorf("%d warnings about copies, want 2:\n%s", got, &log)
	}
}
