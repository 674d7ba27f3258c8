package backing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/suiro/suiro/connect/backing/internal/ownfile"
)

var _ OffsetStore = (*File)(nil)

// File is an [OffsetStore] in a file, which one worker uses at a time.
type File struct {
	path string

	mu   sync.Mutex // guards the rest
	file *ownfile.File
	m    map[string]Entry
}

// MaxFile is the most bytes that an offset file may have, 256 MiB: those of a
// million source partitions.
const MaxFile = 256 << 20

// OpenFile locks the file at path and reads it; one that does not exist is empty.
// It fails when another process has the file open, when the file or its lock is a
// symbolic link, and when it has more than [MaxFile] bytes. What a crash left of an
// unfinished write is removed.
func OpenFile(path string) (*File, error) {
	s := &File{path: path, m: map[string]Entry{}}
	var err error
	if s.file, err = ownfile.Open(path); err != nil {
		return nil, fmt.Errorf("open the offset file %s (offset.storage.file.filename): %w", path, err)
	}
	if err := s.read(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *File) read() error {
	text, err := s.file.Read(MaxFile)
	if err != nil {
		return fmt.Errorf("open the offset file %s (offset.storage.file.filename): %w", s.path, err)
	}
	if text == nil {
		return nil
	}
	if s.m, err = decodeFile(text); err != nil {
		return fmt.Errorf("open the offset file %s: %w: restore it, or remove it to start from the beginning", s.path, err)
	}
	return nil
}

// Refresh does nothing, as no other process writes the file.
func (*File) Refresh(context.Context) error { return nil }

// Get returns the offset of a source partition, nil when there is none.
func (s *File) Get(connector string, partition map[string]any) (map[string]any, error) {
	key, err := Key(connector, partition)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.m[string(key)].Offset, nil
}

// List returns the source partitions of a connector, sorted by their keys.
func (s *File) List(connector string) ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.m, connector)
}

// Put writes a new file in place of the old one. When it fails, the old content
// stays.
func (s *File) Put(_ context.Context, connector string, entries []Entry) error {
	changed, err := normal(connector, entries)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.m)
	merge(next, changed)
	if err := s.write(next); err != nil {
		return fmt.Errorf("write the offset file %s (offset.storage.file.filename): %w", s.path, err)
	}
	s.m = next
	return nil
}

// Close lets another worker open the file. Each Put is complete.
func (s *File) Close() error { return s.file.Close() }

func (s *File) write(m map[string]Entry) error {
	text, err := encodeFile(m)
	if err != nil {
		return err
	}
	return s.file.Write(text)
}
