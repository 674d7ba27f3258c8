package filesets

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// logBuffer is a log that a test reads while others write.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// lines returns the lines that hold a text.
func (l *logBuffer) lines(with string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, with) {
			found = append(found, line)
		}
	}
	return found
}

// loggedContext is a context whose log a test reads.
type loggedContext struct {
	*connecttest.SinkContext
	log *logBuffer
}

func (c loggedContext) Logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// startLogged starts a task and opens p0.
func startLogged(t *testing.T, st storage.Storage, changes ...string) (*task, loggedContext) {
	t.Helper()
	tc := loggedContext{connecttest.NewSinkContext(), &logBuffer{}}
	task := &task{storage: st}
	if err := task.Start(t.Context(), tc, connecttest.Parse(t, info, testProps(changes...))); err != nil {
		t.Fatal(err)
	}
	if err := task.Open(t.Context(), []connect.TopicPartition{p0}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := task.Stop(); err != nil {
			t.Error(err)
		}
	})
	return task, tc
}

func put(t *testing.T, task *task, rs []*connect.SinkRecord) {
	t.Helper()
	if err := task.Put(t.Context(), rs); err != nil {
		t.Fatal(err)
	}
}

const missingOffsets = "test_sink_missing_offsets_total"

// TestOffsetsThatRetentionRemovedAreTold: the sink goes on after what the topic
// has no more, and says which records are gone.
func TestOffsetsThatRetentionRemovedAreTold(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, mem, "flush.size", "4")
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 4)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 4 })
	sink.Stop()

	task, tc := startLogged(t, mem, "flush.size", "3")
	if got := tc.Sought()[p0]; got != 4 {
		t.Fatalf("sought %d, want 4", got)
	}
	put(t, task, filesetstest.Records(p0, 7, 10))
	lines := tc.log.lines("offsets are missing")
	if len(lines) != 1 || !strings.Contains(lines[0], "partition=access-0 first=4 last=6") {
		t.Errorf("the log says %q, want a line about 4 to 6", lines)
	}
	if got := tc.Metric(t, missingOffsets); got != 3 {
		t.Errorf("%v offsets are counted as missing, want 3", got)
	}
}

// TestOneGapOfManyIsTold: a topic with transactions has one after each.
func TestOneGapOfManyIsTold(t *testing.T) {
	task, tc := startLogged(t, storagetest.NewMem(), "flush.size", "1000")
	for o := int64(0); o < 100; o += 10 {
		put(t, task, filesetstest.Records(p0, o, o+9)) // the tenth ends a transaction
	}
	put(t, task, filesetstest.Records(p0, 500, 501))
	want := []string{"first=9 last=9", "first=99 last=499"}
	lines := tc.log.lines("offsets are missing")
	if len(lines) != 2 {
		t.Fatalf("the log says %q, want two lines", lines)
	}
	for i, text := range want {
		if !strings.Contains(lines[i], text) {
			t.Errorf("line %d is %q, want %q in it", i, lines[i], text)
		}
	}
	if got := tc.Metric(t, missingOffsets); got != 9+401 {
		t.Errorf("%v offsets are counted as missing, want 410", got)
	}
}

// TestAGapThatIsReadAgainIsCountedOnce: after trouble with the storage the
// records come again, and the gap between them.
func TestAGapThatIsReadAgainIsCountedOnce(t *testing.T) {
	mem := storagetest.NewMem()
	var broken atomic.Bool
	task, tc := startLogged(t, mem.With(func(op storagetest.Op, do func() error) error {
		if op.Name == "close" && broken.CompareAndSwap(true, false) {
			return errors.New("injected fault")
		}
		return do()
	}, false), "flush.size", "5")
	broken.Store(true)
	rs := append(filesetstest.Records(p0, 0, 2), filesetstest.Records(p0, 8, 11)...)
	put(t, task, rs)
	filesetstest.Eventually(t, "the task seeks back", func() bool {
		put(t, task, nil)
		at, ok := tc.Sought()[p0]
		return ok && at == 0
	})
	put(t, task, rs)
	filesetstest.Eventually(t, "the set is committed", func() bool {
		safe, _ := task.PreCommit(t.Context(), nil)
		return safe[p0] == 11
	})
	if got := tc.Metric(t, missingOffsets); got != 6 {
		t.Errorf("%v offsets are counted as missing, want 6", got)
	}
}

func TestATaskCountsWhatItWrote(t *testing.T) {
	task, tc := startLogged(t, storagetest.NewMem(), "format.class", "StringFormat", "flush.size", "6")
	rs := filesetstest.Records(p0, 0, 6)
	rs[5].Value = connect.Payload{} // is rejected
	for i, r := range rs[:5] {
		r.Timestamp = filesetstest.Epoch
		r.Value = connect.Decoded(nil, map[string]any{"time": filesetstest.Record(p0, int64(i)).Timestamp.UnixMilli()})
	}
	put(t, task, rs)
	filesetstest.Eventually(t, "the set is committed", func() bool {
		safe, _ := task.PreCommit(t.Context(), nil)
		return safe[p0] == 6
	})
	for name, want := range map[string]float64{"commits": 1, "files": 3, "file_records": 5, "take_overs": 1,
		"file_bytes": 5 * float64(len("{time=1431856800000}\n")), "missing_offsets": 0} {
		if got := tc.Metric(t, "test_sink_"+name+"_total"); got != want {
			t.Errorf("%s are %v, want %v", name, got, want)
		}
	}
}
