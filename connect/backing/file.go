package backing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"syscall"
)

var _ OffsetStore = (*File)(nil)

// File is an [OffsetStore] in a file, which one worker uses at a time.
type File struct {
	path string
	lock *os.File // locked until Close

	mu     sync.Mutex // guards m and the file
	m      map[string]Entry
	create func(dir, pattern string) (tempFile, error)
}

// tempFile is the part of a file that writing needs.
type tempFile interface {
	Write([]byte) (int, error)
	Sync() error
	Close() error
	Name() string
}

// OpenFile locks the file at path and reads it; one that does not exist is empty.
// It fails when another process has the file open.
func OpenFile(path string) (*File, error) {
	s := &File{path: path, m: map[string]Entry{}, create: func(dir, pattern string) (tempFile, error) {
		return os.CreateTemp(dir, pattern)
	}}
	var err error
	if s.lock, err = lockFile(path + ".lock"); err != nil {
		return nil, fmt.Errorf("open the offset file %s (offset.storage.file.filename): %w", path, err)
	}
	if err := s.read(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *File) read() error {
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the offset file: %w", err)
	}
	if s.m, err = decodeFile(text); err != nil {
		return fmt.Errorf("open the offset file %s: %w: restore it, or remove it to start from the beginning", s.path, err)
	}
	return nil
}

// lockFile makes a file and locks it for as long as it is open or the process
// lives. A file system without locks locks nothing.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(errors.New("another worker uses it: give each worker a file of its own"), f.Close())
	}
	return f, nil
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
func (s *File) Close() error {
	if err := s.lock.Close(); !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}

func (s *File) write(m map[string]Entry) (err error) {
	text, err := encodeFile(m)
	if err != nil {
		return err
	}
	f, err := s.create(filepath.Dir(s.path), filepath.Base(s.path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the error to report is the first one
		}
	}()
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), s.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(s.path))
}

// syncDir makes a rename survive a crash of the machine.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

type fileEntry struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

func encodeFile(m map[string]Entry) ([]byte, error) {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	out := map[string][]fileEntry{}
	for _, key := range keys {
		connector, partition, err := splitKey([]byte(key))
		if err != nil {
			return nil, err
		}
		offset, err := encode(m[key].Offset)
		if err != nil {
			return nil, err
		}
		out[connector] = append(out[connector], fileEntry{partition, offset})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	return append(text, '\n'), err
}

func decodeFile(text []byte) (map[string]Entry, error) {
	var in map[string][]fileEntry
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, err
	}
	m := map[string]Entry{}
	for connector, entries := range in {
		for _, e := range entries {
			partition, err := DecodeMap(e.Partition)
			if err != nil {
				return nil, fmt.Errorf("partition of %s: %w", connector, err)
			}
			offset, err := DecodeMap(e.Offset)
			if err != nil {
				return nil, fmt.Errorf("offset of %s: %w", connector, err)
			}
			key, err := Key(connector, partition)
			if err != nil {
				return nil, err
			}
			m[string(key)] = Entry{partition, offset}
		}
	}
	return m, nil
}

// splitKey reads ["<connector>",{<source partition>}].
func splitKey(key []byte) (connector string, partition json.RawMessage, err error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(key, &parts); err != nil {
		return "", nil, err
	}
	if len(parts) != 2 {
		return "", nil, fmt.Errorf("key %s is not a list of a connector and a source partition", key)
	}
	err = json.Unmarshal(parts[0], &connector)
	return connector, parts[1], err
}
