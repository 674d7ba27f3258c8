package kinds

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/suiro/suiro/stores"
)

// ErrUndeclared is what a store panics with that is asked for by a name or as a kind
// that was not declared: the topology is wrong, not the data.
var ErrUndeclared = errors.New("no such store is declared")

// Stores are the stores of a task. They belong to its goroutine.
type Stores struct {
	overlay  *stores.Overlay
	specs    map[string]Spec
	keyValue map[string]*KeyValueStore
	version  map[string]*VersionedStore
	window   map[string]*WindowStore
	session  map[string]*SessionStore
}

// Open makes the stores of a task over its overlay, which must not have been limited to
// other names. It returns an error when a store cannot be made, or the DB cannot be
// read.
func Open(o *stores.Overlay, specs ...Spec) (*Stores, error) {
	s := &Stores{
		overlay: o, specs: map[string]Spec{}, keyValue: map[string]*KeyValueStore{},
		version: map[string]*VersionedStore{}, window: map[string]*WindowStore{}, session: map[string]*SessionStore{},
	}
	for _, spec := range specs {
		if err := spec.Check(); err != nil {
			return nil, err
		}
		if _, ok := s.specs[spec.Name]; ok {
			return nil, fmt.Errorf("store %q: %w: another store has the name", spec.Name, ErrSpec)
		}
		s.specs[spec.Name] = spec
		c, err := loadClock(o, spec)
		if err != nil {
			return nil, err
		}
		s.open(spec, c)
	}
	return s, nil
}

func (s *Stores) open(spec Spec, c *clock) {
	switch spec.Kind {
	case Versioned:
		s.version[spec.Name] = newVersionedStore(s.overlay, spec, c)
		s.overlay.Attach(s.version[spec.Name])
	case Window, TimestampedWindow:
		s.window[spec.Name] = newWindowStore(s.overlay, spec, c)
		s.overlay.Attach(s.window[spec.Name])
	case Session:
		s.session[spec.Name] = newSessionStore(s.overlay, spec, c)
		s.overlay.Attach(s.session[spec.Name])
	default:
		s.keyValue[spec.Name] = newKeyValueStore(s.overlay, spec, c)
	}
}

// KeyValue returns a key-value store, with timestamps or without. As the other methods
// it panics with [ErrUndeclared] when no such store was declared.
func (s *Stores) KeyValue(name string) *KeyValueStore { return declared(s, s.keyValue, name, KeyValue) }

// Versioned returns a versioned store.
func (s *Stores) Versioned(name string) *VersionedStore {
	return declared(s, s.version, name, Versioned)
}

// Window returns a window store, with timestamps or without.
func (s *Stores) Window(name string) *WindowStore { return declared(s, s.window, name, Window) }

// Session returns a session store.
func (s *Stores) Session(name string) *SessionStore { return declared(s, s.session, name, Session) }

func declared[S any](s *Stores, of map[string]S, name string, kind Kind) S {
	store, ok := of[name]
	if ok {
		return store
	}
	if spec, ok := s.specs[name]; ok {
		panic(fmt.Errorf("%w: store %q is %v, and it is used as %v", ErrUndeclared, name, spec.Kind, kind))
	}
	panic(fmt.Errorf("%w: store %q: give it to the node that uses it, with WithStores", ErrUndeclared, name))
}

// Changelog yields the pending writes as records of the changelogs of their stores: those
// of a versioned store in the order of their timestamps, those of others in the order of
// keys. Keys and values stay unchanged after the epoch. What belongs to no declared store
// is left out. It returns an error when a pending write is none of its store's.
func (s *Stores) Changelog(yield func(store string, r Record) bool) error {
	// A restore, by Kafka Streams as well, leaves out versions that are older than the
	// retention when they come: so none may come after a much later one.
	versions := map[string][]Record{}
	var damaged error
	more := true
	var spec Spec
	var prefix []byte // of the store at hand: keys come in the order of stores
	s.overlay.Pending(func(key, value []byte) bool {
		if prefix == nil || !bytes.HasPrefix(key, prefix) {
			name, own, err := stores.SplitKey(key)
			if spec, more = s.specs[name]; err != nil || !more {
				prefix, more = nil, true
				return true
			}
			prefix = key[:len(key)-len(own)]
		}
		r, ok, err := spec.checked(key[len(prefix):], value)
		switch {
		case err != nil:
			damaged, more = err, false
		case ok && spec.Kind == Versioned:
			versions[spec.Name] = append(versions[spec.Name], r)
		case ok:
			more = yield(spec.Name, r)
		}
		return more
	})
	for name, records := range versions {
		slices.SortStableFunc(records, func(a, b Record) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
		for i := 0; more && i < len(records); i++ {
			more = yield(name, records[i])
		}
	}
	return damaged
}

// View reads what is committed of one store of a task. All fields but one are nil.
type View struct {
	// KeyValue is set for a key-value store, with timestamps or without.
	KeyValue *KeyValueReader
	// Versioned is set for a versioned store.
	Versioned *VersionedReader
	// Window is set for a window store, with timestamps or without.
	Window *WindowReader
	// Session is set for a session store.
	Session *SessionReader
}

// Read returns a View of the store of the task whose DB keys begin with prefix; see
// [stores.TaskPrefix]. It is safe for concurrent use.
func Read(db stores.DB, prefix []byte, s Spec) View {
	source := stores.TaskState(db, prefix)
	now := committedTime(source, s)
	switch s.Kind {
	case Versioned:
		return View{Versioned: &VersionedReader{source: source, spec: s, prefix: s.prefix(), now: now}}
	case Window, TimestampedWindow:
		return View{Window: &WindowReader{source: source, spec: s, prefix: s.prefix(), now: now}}
	case Session:
		return View{Session: &SessionReader{source: source, spec: s, prefix: s.prefix(), now: now}}
	}
	return View{KeyValue: &KeyValueReader{source: source, spec: s, prefix: s.prefix(), now: now}}
}
