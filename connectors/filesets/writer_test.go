package filesets

import (
	"errors"
	"io/fs"
	"strings"
	"sync/atomic"

	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// TestAnOutageIsLoggedOnceAndItsEnd: a storage that is away for hours does not
// fill the log.
func TestAnOutageIsLoggedOnceAndItsEnd(t *testing.T) {
	mem := storagetest.NewMem()
	var away atomic.Bool
	var calls atomic.Int64
	task, tc := startLogged(t, mem.With(func(_ storagetest.Op, do func() error) error {
		if away.Load() {
			calls.Add(1)
			return errors.New("the storage is away")
		}
		return do()
	}, false))
	away.Store(true)
	put(t, task, filesetstest.Records(p0, 0, 10))
	filesetstest.Eventually(t, "the writer tried often", func() bool { return calls.Load() > 20 })
	away.Store(false)
	filesetstest.Eventually(t, "the task seeks back", func() bool {
		put(t, task, nil)
		_, ok := tc.Sought()[p0]
		return ok
	})
	put(t, task, filesetstest.Records(p0, 0, 10))
	filesetstest.Eventually(t, "the end of the outage is logged", func() bool {
		return len(tc.log.lines("files are written again")) == 1
	})
	if got := tc.log.lines("level=WARN"); len(got) != 1 {
		t.Errorf("the log has the warnings %q, want one", got)
	}
}

// TestAnOutageEndsForAQuietPartitionToo: no commit of it tells.
func TestAnOutageEndsForAQuietPartitionToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int64
		task, tc := startLogged(t, storagetest.NewMem().With(func(op storagetest.Op, do func() error) error {
			if op.Name == "mkdir" && tries.Add(1) <= 3 {
				return errors.New("the storage is away")
			}
			return do()
		}, false), "retry.backoff.ms", "5000")
		put(t, task, nil)
		time.Sleep(time.Minute)
		for text, want := range map[string]int{"level=WARN": 1, "files are written again": 1} {
			if got := tc.log.lines(text); len(got) != want {
				t.Errorf("the log has the lines %q with %q, want %d", got, text, want)
			}
		}
	})
}

// TestAnOutageThatEndsTheTaskIsNotOver: what waiting does not cure is not a
// recovery.
func TestAnOutageThatEndsTheTaskIsNotOver(t *testing.T) {
	var tries atomic.Int64
	failing := storagetest.NewMem().With(func(op storagetest.Op, do func() error) error {
		switch {
		case op.Name != "mkdir":
			return do()
		case tries.Add(1) == 1:
			return errors.New("the storage is away")
		}
		return fs.ErrPermission
	}, false)
	task, tc := startLogged(t, failing)
	filesetstest.Eventually(t, "Put fails", func() bool { return task.Put(t.Context(), nil) != nil })
	if got := tc.log.lines("files are written again"); len(got) != 0 {
		t.Errorf("the log says %q, and nothing is written", got)
	}
}

// TestAPanicEndsNoMoreThanTheTask: the writers' goroutines are not the worker's,
// which could not recover it.
func TestAPanicEndsNoMoreThanTheTask(t *testing.T) {
	sink := start(t, storagetest.NewMem().With(func(op storagetest.Op, do func() error) error {
		if op.Name == "write" {
			panic("index out of range")
		}
		return do()
	}, false))
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	var err error
	filesetstest.Eventually(t, "Put fails", func() bool { err = sink.TryPut(); return err != nil })
	if !strings.Contains(err.Error(), "panic: index out of range") {
		t.Errorf("Put = %v, want the panic", err)
	}
}

// TestClosedWritersAreForgotten: a task that lives for months closes writers that
// are still in a call again and again.
func TestClosedWritersAreForgotten(t *testing.T) {
	task, _ := startLogged(t, storagetest.NewMem())
	busy, ended := &writer{ended: make(chan struct{})}, &writer{ended: make(chan struct{})}
	close(ended.ended)
	task.retired = []*writer{busy, ended}
	if err := task.Close(t.Context(), []connect.TopicPartition{p0}, false); err != nil {
		t.Fatal(err)
	}
	if len(task.retired) != 1 || task.retired[0] != busy {
		t.Errorf("%d closed writers are remembered, want the one whose call has not ended", len(task.retired))
	}
	close(busy.ended)
}
