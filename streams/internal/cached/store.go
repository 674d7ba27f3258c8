package cached

import (
	"fmt"
	"math"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// maxEntries is how many values a store keeps decoded between epochs.
const maxEntries = 10_000

// MostBytes is how much those may hold by the size of their encoding.
const MostBytes = 8 << 20

// overhead is the estimate of what an entry holds in addition to its key and value.
const overhead = 256

// stamp is the length of the timestamp before a value.
const stamp = 8

// maxWatched is how many values are watched at a time; with more, watching starts again.
const maxWatched = 1000

// Options say what a [Store] keeps. What has no default is required. In the store a value
// begins with its timestamp, see package stores/format.
type Options[K, V any] struct {
	// Context is the task.
	Context topology.Context
	// Name is the name of the store.
	Name string
	// Load and Save read and write the store. They have its keys and windows; nil is no
	// value. They keep no key.
	Load func(key []byte, start int64) ([]byte, error)
	Save func(key []byte, start int64, value []byte)
	// Latest returns the start of a window after which the store has none, when it is opened and
	// after an abort. Nobody else writes to such a store. Default nil: it is not known.
	Latest func() int64
	// SaveVersion is Save of a versioned store, where values come without their timestamps:
	// kept says that the version is not too old to be stored, and latest that the key has
	// none after it. Such a store is Direct. Default nil: the store has no versions.
	SaveVersion func(key, value []byte, timestamp int64) (latest, kept bool, err error)
	// Expiry makes keys expire. Default nil: they do not.
	Expiry *Expiry[K]
	// Serialize and Deserialize turn values into bytes and back. They do not get null.
	Serialize   func(V) ([]byte, error)
	Deserialize func([]byte) (V, error)
	// Memory is for the values that are kept between epochs, [MostBytes] at most.
	Memory *stores.Part
	// Direct stores and forwards each value at once instead of the last one of an epoch.
	// Default: the last one.
	Direct bool
}

// Store holds the values of one store of a task decoded, so that a value that changes a
// thousand times in an epoch is read, encoded, stored, logged and forwarded once. It is
// Kafka Streams' record cache, with the commit as its only flush: keys are written in the
// order in which they were set last. All nodes of the task that use the store share it,
// and so see one truth. It belongs to the task.
//
// Encoded once an epoch, a value shows only at the end that it does not fit the
// changelog. No single record is to blame then. The epoch is aborted and its records
// come again, and the store watches the value: it is encoded after each record, and
// the record after which it does not fit is rejected and changes nothing.
type Store[K, V any] struct {
	o       Options[K, V]
	next    node.Handler[K, node.Change[V]] // nil for nobody
	sendOld bool
	initial func() V // nil for none
	after   func() error
	aborted func()

	entries windows[K, V]
	// What starts later than absent, and has no entry, is not in the store.
	absent  int64
	dirty   list[K, V]
	watched map[slot]bool
	now     int64 // the largest timestamp that was set, of a store whose keys expire
	out     node.Record[K, node.Change[V]]
}

// New returns the store, empty. Nodes take it from [topology.Context.Once], so that they
// share it. It writes nothing at the end of an epoch before somebody owns it.
func New[K, V any](o Options[K, V]) *Store[K, V] {
	s := &Store[K, V]{o: o, entries: newWindows[K, V](), watched: map[slot]bool{}}
	s.resetTime()
	return s
}

// resetTime sets the times to those of the store.
func (s *Store[K, V]) resetTime() {
	if s.o.Expiry != nil {
		s.now = s.o.Expiry.Time()
	}
	s.absent = math.MaxInt64
	if s.o.Latest != nil && !s.o.Direct { // which has no entries
		s.absent = s.o.Latest()
	}
}

// Own makes next, which may be nil, take the changes. The node that owns the store calls
// it after it has made the nodes below. With sendOld a change has the value that it
// replaces. initial is what a change without such a value replaces if it is forwarded at
// once; nil for nothing.
func (s *Store[K, V]) Own(next node.Handler[K, node.Change[V]], sendOld bool, initial func() V) {
	s.next, s.sendOld, s.initial = next, sendOld, initial
	s.o.Context.OnCommit(s.commit, s.abort)
}

// Get returns the value of a key, its timestamp, and whether there is one. Nobody may
// change the value.
func (s *Store[K, V]) Get(raw []byte, start int64) (value V, timestamp int64, ok bool, err error) {
	e, err := s.Find(raw, start)
	if err != nil {
		return value, 0, false, err
	}
	return e.Value, e.Timestamp, e.Has, nil
}

// Find returns what the store has for a key in the store, to be changed with
// [Store.Set]. The value may be changed in place.
func (s *Store[K, V]) Find(raw []byte, start int64) (*Entry[K, V], error) {
	e := s.entries.get(raw, start)
	if e == nil {
		var err error
		if e, err = s.load(raw, start); err != nil {
			return nil, err
		}
	}
	s.age(e)
	return e, s.watch(e)
}

// Blank is Find for a key whose value is going to be replaced: Value is not that of the
// store.
func (s *Store[K, V]) Blank(raw []byte, start int64) (*Entry[K, V], error) {
	if len(s.watched) > 0 {
		return s.Find(raw, start)
	}
	e := s.entries.get(raw, start)
	if e == nil {
		e = s.add(raw, start, 0)
	}
	return e, nil
}

// watch keeps what e is now when e may outgrow the changelog.
func (s *Store[K, V]) watch(e *Entry[K, V]) (err error) {
	e.watched = len(s.watched) > 0 && s.watched[e.slot]
	if !e.watched {
		return nil
	}
	e.before = nil
	if !e.Has {
		return nil
	}
	before, err := s.o.Serialize(e.Value)
	if err != nil {
		return fmt.Errorf("encode the value of key %.64q for store %s: %w", e.slot.key, s.o.Name, err)
	}
	e.before = append([]byte{}, before...) // the value may work in the same memory
	return nil
}

// Set sets the value of e, or with has=false deletes its key. key is the key that nodes
// downstream see, at and headers are those of the record that is in process.
func (s *Store[K, V]) Set(e *Entry[K, V], key func() K, value V, has bool, timestamp int64,
	at time.Time, headers []topology.Header) error {
	if has {
		s.now = max(s.now, timestamp)
	}
	if has && s.expired(timestamp) { // it comes too late to live
		s.o.Context.Drop()
		var none V
		value, has = none, false
	}
	if e.watched && has {
		if _, err := s.encode(e.slot.key, value, timestamp); err != nil {
			return s.back(e, err)
		}
	}
	if !e.keyed {
		e.key, e.keyed = key(), true
	}
	e.Value, e.Has, e.Timestamp = value, has, timestamp
	e.at, e.headers = at.UnixMilli(), append(e.headers[:0], headers...)
	e.offset = s.o.Context.Position().Offset
	if s.o.Direct {
		return s.setDirect(e)
	}
	s.dirty.touch(e)
	return nil
}

// back undoes what was changed in place.
func (s *Store[K, V]) back(e *Entry[K, V], why error) error {
	if e.before == nil {
		var zero V
		e.Value, e.Has = zero, false
		return why
	}
	value, err := s.o.Deserialize(e.before)
	if err != nil {
		return fmt.Errorf("decode the value of key %.64q in store %s: %w", e.slot.key, s.o.Name, err)
	}
	e.Value = value
	return why
}

// encode returns the bytes of a value, or a [topology.Rejection] that says why it
// cannot be stored.
func (s *Store[K, V]) encode(key string, value V, timestamp int64) ([]byte, error) {
	data, err := s.o.Serialize(value)
	if err != nil {
		return nil, &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf(
			"encode the aggregate of key %.64q for store %s: %w", key, s.o.Name, err)}
	}
	data = format.AppendTimestamped(make([]byte, 0, stamp+len(data)), timestamp, data)
	return data, s.o.Context.Fits(s.o.Name, bytesOf(key), data)
}

// add makes an entry without a value.
func (s *Store[K, V]) add(raw []byte, start int64, size int) *Entry[K, V] {
	e := &Entry[K, V]{slot: slot{start, string(raw)}, size: int64(len(raw)+size) + overhead}
	if s.o.Direct {
		return e
	}
	s.entries.add(e)
	s.o.Context.Grow(e.size)
	return e
}

// load takes a value from the store. That one cannot be decoded is no record's fault:
// the store is damaged, or the app's code has changed.
func (s *Store[K, V]) load(raw []byte, start int64) (*Entry[K, V], error) {
	if start > s.absent {
		return s.add(raw, start, 0), nil
	}
	data, err := s.o.Load(raw, start)
	if err != nil {
		return nil, fmt.Errorf("read aggregate: %w", err)
	}
	var value V
	var at int64
	if data != nil {
		if value, at, err = s.decode(data); err != nil {
			return nil, fmt.Errorf("decode the aggregate of key %.64q in store %s: %w", raw, s.o.Name, err)
		}
	}
	e := s.add(raw, start, len(data))
	e.Value, e.Timestamp, e.Has = value, at, data != nil
	return e, nil
}

func (s *Store[K, V]) decode(data []byte) (value V, timestamp int64, err error) {
	timestamp, plain, err := format.ParseTimestamped(data)
	if err == nil {
		value, err = s.o.Deserialize(plain)
	}
	return value, timestamp, err
}

// old returns what the store itself has for e, as far as a change needs it.
func (s *Store[K, V]) old(e *Entry[K, V]) (old V, has bool, err error) {
	var data []byte
	if s.o.Expiry != nil {
		data, err = s.o.Expiry.Stored(bytesOf(e.slot.key))
	} else {
		data, err = s.o.Load(bytesOf(e.slot.key), e.slot.start)
	}
	if err != nil || data == nil {
		return old, false, err
	}
	if s.sendOld {
		if old, _, err = s.decode(data); err != nil {
			err = fmt.Errorf("decode the aggregate of key %.64q in store %s: %w", e.slot.key, s.o.Name, err)
		}
	}
	return old, true, err
}

// setDirect stores and forwards e at once.
func (s *Store[K, V]) setDirect(e *Entry[K, V]) (err error) {
	var data []byte
	if e.Has {
		if data, err = s.encode(e.slot.key, e.Value, e.Timestamp); err != nil {
			return err
		}
	}
	var c node.Change[V]
	if s.sendOld {
		if c.Old, c.HasOld, err = s.old(e); err != nil {
			return err
		}
		if !c.HasOld && s.initial != nil {
			c.Old = s.initial()
			c.HasOld = !node.IsNil(c.Old)
		}
	}
	if s.o.SaveVersion == nil {
		s.o.Save(bytesOf(e.slot.key), e.slot.start, data)
		return s.forward(e, c, e.Timestamp)
	}
	if data != nil {
		data = data[stamp:]
	}
	latest, kept, err := s.o.SaveVersion(bytesOf(e.slot.key), data, e.Timestamp)
	if err != nil || !kept {
		return err // what was not stored is not forwarded
	}
	c.Stale = !latest
	return s.forward(e, c, e.Timestamp)
}

// forward passes a change of e on.
func (s *Store[K, V]) forward(e *Entry[K, V], c node.Change[V], timestamp int64) error {
	if s.next == nil {
		return nil
	}
	if !s.sendOld {
		var none V
		c.Old, c.HasOld = none, false
	}
	c.HasNew = e.Has
	if e.Has {
		c.New = e.Value
	}
	s.out.Key, s.out.Value, s.out.Headers = e.key, c, e.headers
	s.out.NullKey, s.out.NullValue = false, false
	s.out.Timestamp = time.UnixMilli(timestamp).UTC()
	return s.next(&s.out)
}

// commit writes what changed to the store and forwards it. When a value cannot be
// stored, nothing of the epoch can be committed, and it is watched from now on.
func (s *Store[K, V]) commit() error {
	var unfit error
	for e := s.dirty.first; e != nil; e = s.dirty.first {
		s.dirty.remove(e)
		s.age(e)
		var data []byte
		var err error
		if e.Has {
			data, err = s.encode(e.slot.key, e.Value, e.Timestamp)
		}
		switch {
		case err != nil && s.watched[e.slot]: // it fitted after its last record
			return err
		case err != nil:
			unfit = err
			s.watchFrom(e.slot)
		case unfit == nil:
			err = s.write(e, data)
		}
		if err != nil && unfit == nil {
			return err
		}
	}
	if unfit != nil {
		return fmt.Errorf("%w: %w", topology.ErrRepeat, unfit)
	}
	if err := s.expire(); err != nil {
		return err
	}
	s.settle()
	if s.after != nil {
		return s.after()
	}
	return nil
}

// settle forgets the oldest windows when they take more memory than they may. What is kept is
// half of that, so that it is not done in each epoch.
func (s *Store[K, V]) settle() {
	most := s.o.Memory.Take(s.entries.held())
	switch {
	case s.entries.spare > most/2:
		s.absent = max(s.absent, s.entries.clear())
	case s.entries.count > maxEntries || s.entries.held() > most:
		s.absent = max(s.absent, s.entries.shrink(maxEntries/2, most/2))
	default:
		return
	}
	s.o.Memory.Take(s.entries.held())
}

// AfterCommit makes the store call commit after it has written and forwarded an epoch, and
// abort when an epoch is aborted.
func (s *Store[K, V]) AfterCommit(commit func() error, abort func()) {
	s.after, s.aborted = commit, abort
}

func (s *Store[K, V]) watchFrom(at slot) {
	if len(s.watched) >= maxWatched {
		clear(s.watched)
	}
	s.watched[at] = true
}

// write stores and forwards the last value of an epoch. A key that came and went within
// the epoch is neither stored nor forwarded. What is forwarded may fail, as when an
// output topic takes less than the store does: the app's handlers decide what becomes of it.
func (s *Store[K, V]) write(e *Entry[K, V], data []byte) (err error) {
	var c node.Change[V]
	if s.sendOld || !e.Has {
		if c.Old, c.HasOld, err = s.old(e); err != nil {
			return err
		}
		if !e.Has && !c.HasOld {
			return nil
		}
	}
	s.o.Save(bytesOf(e.slot.key), e.slot.start, data)
	s.entries.resize(e, int64(len(e.slot.key)+len(data))+overhead)
	at := e.at
	if e.Has {
		at = e.Timestamp
	}
	err = node.Forward(s.o.Context, func() topology.Update {
		return topology.Update{Store: s.o.Name, Key: []byte(e.slot.key), Value: data[min(stamp, len(data)):],
			Timestamp: time.UnixMilli(at).UTC(), Offset: e.offset}
	}, func() error { return s.forward(e, c, at) })
	clear(e.headers)
	e.headers = e.headers[:0]
	return err
}

// abort forgets everything: values are changed in place, so their state before the
// epoch is not known any more.
func (s *Store[K, V]) abort() {
	s.entries.clear()
	s.o.Memory.Take(s.entries.held())
	s.resetTime()
	s.dirty = list[K, V]{}
	if s.aborted != nil {
		s.aborted()
	}
}
