// Package watched holds what is made of a file, and makes it again when the file is
// replaced, so that a transform with a table beside it need not be started again.
package watched

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect"
)

const (
	// pause is between two looks at the file.
	pause = 5 * time.Second
	// patience is how long what was read last stays in use while the file is away or
	// cannot be read. Whoever copies a file into place needs some time.
	patience = time.Minute
)

// File holds what is made of a file. It is safe for concurrent use.
//
//	in use ── it changed, and can be read ──▶ in use, from now on the new content
//	  │  ▲
//	  │  └─ can be read again ────────────────┐
//	  └─── cannot be read for a minute ──▶ trouble: Get fails with a retriable error
type File[T any] struct {
	path string
	make func([]byte) (T, error)
	now  func() time.Time

	state atomic.Pointer[state[T]]
	next  atomic.Int64 // when to look, in nanoseconds

	mu    sync.Mutex // guards the rest
	read  os.FileInfo
	since time.Time // of trouble, zero while there is none
}

// state is what Get returns.
type state[T any] struct {
	content T
	err     error
}

// Open reads a file. An error says what is wrong with it.
func Open[T any](path string, make func([]byte) (T, error)) (*File[T], error) {
	f := &File[T]{path: path, make: make, now: time.Now}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return f, f.load(info)
}

// Get returns what was made of the file as it was some seconds ago, or at most a minute
// while it cannot be read. Its error is retriable.
func (f *File[T]) Get() (T, error) {
	if now := f.now(); now.UnixNano() >= f.next.Load() && f.mu.TryLock() {
		f.look(now)
		f.mu.Unlock()
	}
	s := f.state.Load()
	return s.content, s.err
}

// look loads the file if it has changed; mu is held.
func (f *File[T]) look(now time.Time) {
	defer func() { f.next.Store(now.Add(pause).UnixNano()) }()
	info, err := os.Stat(f.path)
	switch {
	case err != nil:
	case f.since.IsZero() && f.isRead(info):
		return
	case isFresh(info, now):
		return // somebody may still be writing it
	default:
		err = f.load(info)
	}
	if err == nil {
		f.since = time.Time{}
		return
	}
	if f.since.IsZero() {
		f.since = now
	}
	if now.Sub(f.since) >= patience {
		f.state.Store(&state[T]{f.state.Load().content, connect.Retriable(fmt.Errorf(
			"read the file again, which has changed: %w: put the right file there, and the connector goes on", err))})
	}
}

func (f *File[T]) isRead(info os.FileInfo) bool {
	return os.SameFile(info, f.read) && info.Size() == f.read.Size() && info.ModTime().Equal(f.read.ModTime())
}

// isFresh reports whether the file was changed since the last look. A time to come is that
// of another clock.
func isFresh(info os.FileInfo, now time.Time) bool {
	age := now.Sub(info.ModTime())
	return age >= 0 && age < pause
}

func (f *File[T]) load(info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is a folder, a pipe or a device: name a file", f.path)
	}
	text, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	content, err := f.make(text)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.read = info
	f.state.Store(&state[T]{content: content})
	return nil
}
