// Package connectors keeps, in a file, the connectors that a standalone worker was given
// over its REST API, with the states that were asked of them.
//
// The file is a JSON object, {"connectors": [...]}, whose list has what creates each
// connector as POST /connectors takes it: name, config and initial_state. It holds
// secrets as they were sent, and has mode 0600. Each change writes a new file in the same
// folder, syncs it and renames it. While a worker has it open, the file next to it whose
// name ends in .lock is locked.
package connectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/suiro/suiro/connect/backing/internal/ownfile"
	"github.com/suiro/suiro/connect/herder/api"
)

// MaxFile is the most bytes that the file may have: 64 MiB.
const MaxFile = 64 << 20

// Store keeps connectors. It is safe for concurrent use.
type Store struct {
	path string

	mu   sync.Mutex // guards the rest
	file *ownfile.File
	m    map[string]api.CreateConnectorRequest
}

// content is what the file holds.
type content struct {
	Connectors []api.CreateConnectorRequest `json:"connectors"`
}

// Open locks the file at path and reads it; one that does not exist is empty. It fails
// when another worker has the file open, when the file or its lock is a symbolic link,
// and when its content is not what this package writes.
func Open(path string) (*Store, error) {
	s := &Store{path: path, m: map[string]api.CreateConnectorRequest{}}
	var err error
	if s.file, err = ownfile.Open(path); err != nil {
		return nil, s.failed("open", err)
	}
	text, err := s.file.Read(MaxFile)
	if err == nil && text != nil {
		err = s.decode(text)
	}
	if err != nil {
		return nil, errors.Join(s.failed("open", err), s.Close())
	}
	return s, nil
}

func (s *Store) failed(what string, err error) error {
	return fmt.Errorf("%s the file of connectors %s (config.storage.file.filename): %w", what, s.path, err)
}

func (s *Store) decode(text []byte) error {
	var c content
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return fmt.Errorf("%w: restore it, or remove it to start without these connectors", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is text after the JSON object: restore it, or remove it to start without these connectors")
	}
	for _, each := range c.Connectors {
		if each.Name == "" {
			return errors.New("a connector has no name: give it one, or remove it")
		}
		if _, ok := s.m[each.Name]; ok {
			return fmt.Errorf("it has connector %s twice: remove one", each.Name)
		}
		s.m[each.Name] = each
	}
	return nil
}

// All returns the connectors, by name.
func (s *Store) All() []api.CreateConnectorRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.m)
}

// Put keeps a connector in place of the one of its name. When it fails, the old content
// stays.
func (s *Store) Put(r api.CreateConnectorRequest) error {
	return s.change(func(m map[string]api.CreateConnectorRequest) bool {
		old, ok := m[r.Name]
		m[r.Name] = r
		return !ok || old.InitialState != r.InitialState || !maps.Equal(old.Config, r.Config)
	})
}

// Remove forgets a connector; one that is not kept is no error.
func (s *Store) Remove(name string) error {
	return s.change(func(m map[string]api.CreateConnectorRequest) bool {
		_, ok := m[name]
		delete(m, name)
		return ok
	})
}

// change writes the file when f reports that it has changed something.
func (s *Store) change(f func(map[string]api.CreateConnectorRequest) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.m)
	if !f(next) {
		return nil
	}
	text, err := json.MarshalIndent(content{list(next)}, "", "  ")
	if err == nil && len(text) > MaxFile {
		err = fmt.Errorf("it would have %d bytes, and at most %d are read again", len(text), MaxFile)
	}
	if err == nil {
		err = s.file.Write(append(text, '\n'))
	}
	if err != nil {
		return s.failed("write", err)
	}
	s.m = next
	return nil
}

func list(m map[string]api.CreateConnectorRequest) []api.CreateConnectorRequest {
	out := []api.CreateConnectorRequest{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[name])
	}
	return out
}

// Close lets another worker open the file. Each change is complete.
func (s *Store) Close() error { return s.file.Close() }
