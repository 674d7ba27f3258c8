package pebble

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// failure remembers why a DB stopped.
type failure struct {
	dir  string
	log  *slog.Logger
	once sync.Once
	done chan struct{} // closed after err is set
	err  error

	damaged func(cause error) // is told when files are damaged
}

func newFailure(dir string, log *slog.Logger) *failure {
	return &failure{dir: dir, log: log, done: make(chan struct{}), damaged: func(error) {}}
}

// set stops the DB because of cause, unless it has stopped already.
func (f *failure) set(cause error) {
	f.once.Do(func() {
		f.err = explain(f.dir, cause)
		if errors.Is(f.err, errDamaged) {
			f.damaged(cause)
		}
		f.log.Error("store stopped", "dir", f.dir, "error", f.err)
		close(f.done)
	})
}

// get returns why the DB stopped, nil if it has not.
func (f *failure) get() error {
	select {
	case <-f.done:
		return f.err
	default:
		return nil
	}
}

// or returns why the DB stopped or, if it has not, err explained.
func (f *failure) or(err error) error {
	if stopped := f.get(); stopped != nil {
		return stopped
	}
	if err == nil {
		return nil
	}
	if err = explain(f.dir, err); errors.Is(err, errDamaged) {
		f.set(err)
	}
	return err
}

// errDamaged is in the error of a store that has to be read back from its changelogs.
var errDamaged = errors.New("damaged")

// explain says what cause means for the store in dir and what to do.
func explain(dir string, cause error) error {
	switch {
	case errors.Is(cause, errDamaged):
		return cause
	case vfs.IsNoSpaceError(cause):
		return fmt.Errorf("write store %s: the disk is full: make room on it and start again: %w", dir, cause)
	case pebble.IsCorruptionError(cause):
		return damaged(dir, cause)
	}
	return fmt.Errorf("store %s: %w", dir, cause)
}

func damaged(dir string, cause error) error {
	return fmt.Errorf("read store %s: %w: start again, and its state is read back from the changelog topics: %w",
		dir, errDamaged, cause)
}

// explainOpen says why the store in dir could not be opened. If neither the
// operating system nor permissions are the reason, the store is damaged: a file that
// is missing or has the wrong size is not corruption in Pebble's sense.
func explainOpen(dir string, cause error) error {
	var refused syscall.Errno
	if errors.As(cause, &refused) && refused != syscall.ENOENT || errors.Is(cause, os.ErrPermission) {
		return explain(dir, cause)
	}
	return damaged(dir, cause)
}

// listener stops the DB on errors of work in the background, which Pebble
// would retry without end or pause while Apply waits.
func (f *failFS) listener() *pebble.EventListener {
	return &pebble.EventListener{
		WriteStallBegin: func(pebble.WriteStallBeginInfo) { f.stalls.begin(time.Now()) },
		WriteStallEnd:   func() { f.stalls.end(time.Now()) },
		FlushBegin:      func(pebble.FlushInfo) { f.busy.Store(true) },
		FlushEnd:        func(pebble.FlushInfo) { f.pace.wake() },
		CompactionBegin: func(pebble.CompactionInfo) { f.busy.Store(true) },
		CompactionEnd:   func(pebble.CompactionInfo) { f.pace.wake() },
		BackgroundError: func(err error) {
			if !errors.Is(err, pebble.ErrCancelledCompaction) {
				f.failure.set(err)
			}
		},
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			f.failure.set(fmt.Errorf("%s: %w", info.Path, info.Details))
		},
	}
}

// logger hands what Pebble logs to slog. Pebble relies on Fatalf to end the process;
// to stop the DB is enough, as nothing is written afterwards.
type logger struct {
	log     *slog.Logger
	failure *failure
}

var _ pebble.Logger = logger{}

func (l logger) Infof(format string, args ...any) {
	if !l.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	l.log.Debug("pebble", "event", strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (l logger) Errorf(format string, args ...any) {
	l.log.Warn("pebble", "event", strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (l logger) Fatalf(format string, args ...any) { l.failure.set(fmt.Errorf(format, args...)) }
