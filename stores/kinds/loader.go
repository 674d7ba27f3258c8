package kinds

import (
	"fmt"
	"math"

	"github.com/suiro/suiro/stores"
)

// loaderChunk is the size in bytes of the chunks that DB keys are made in.
const loaderChunk = 256 << 10

// Loader writes the changelogs of a task into the DB while the task is restored: before
// [Open], and without an overlay. It belongs to one goroutine.
//
// What it has read is kept until [Loader.Flush]. The caller flushes when
// [Loader.Bytes] is enough.
type Loader struct {
	db     stores.DB
	prefix []byte
	stores map[string]*loading
	latest int64 // time that a record may have
	batch  stores.Batch
	bytes  int64
	chunk  []byte // what is left of the chunk that takes the next key
	buf    []byte
}

// loading is one store of a Loader.
type loading struct {
	spec   Spec
	prefix []byte // of its DB keys
	clock  *clock
	expiry expiry // of a store with a TTL
}

// NewLoader returns a Loader for the stores of the task whose DB keys begin with prefix;
// see [stores.TaskPrefix]. It continues from what the DB has.
func NewLoader(db stores.DB, prefix []byte, specs ...Spec) (*Loader, error) {
	l := &Loader{db: db, prefix: prefix, stores: map[string]*loading{}, latest: math.MaxInt64}
	for _, spec := range specs {
		if err := spec.Check(); err != nil {
			return nil, err
		}
		c, err := loadClock(stores.TaskState(db, prefix), spec)
		if err != nil {
			return nil, err
		}
		s := &loading{spec: spec, prefix: append(append([]byte(nil), prefix...), spec.prefix()...), clock: c}
		if spec.TTL != 0 {
			s.expiry = newExpiry(spec)
		}
		l.stores[spec.Name] = s
	}
	return l, nil
}

// Believe limits the time of stores: what has a later one, in milliseconds since 1970, is
// restored and does not move it on. A record that another program has written, with any
// time, would make all others expire. Default: no limit.
func (l *Loader) Believe(latest int64) { l.latest = latest }

// advance moves a store's time on to t, if that can be.
func (l *Loader) advance(c *clock, t int64) {
	if t <= l.latest {
		c.advance(t)
	} else {
		c.beyond = max(c.beyond, t)
	}
}

// Add takes one record of a store's changelog, in the order of the changelog. It keeps
// key and value, which nobody may change until Flush. What has expired is left out. An
// error that wraps [format.ErrDamaged] says that the record is not of such a store.
func (l *Loader) Add(store string, r Record) error {
	s, ok := l.stores[store]
	if !ok {
		return fmt.Errorf("restore store %q: %w", store, ErrUndeclared)
	}
	e, err := s.spec.entry(r, l.buf[:0])
	if err != nil {
		return err
	}
	if s.spec.Kind != KeyValue && s.spec.Kind != Timestamped {
		l.buf = e.key[:0] // made by entry, and copied below
		l.advance(s.clock, e.time)
		s.clock.follow(e.sequence)
		slack := int64(0)
		if s.spec.Kind == Versioned {
			slack = 1 // a version may be put as late as that
		}
		if e.time < since(s.clock.now, s.spec.Retention.Milliseconds()+slack) {
			return nil
		}
	}
	if s.spec.TTL != 0 && e.value != nil {
		l.advance(s.clock, e.time)
		// What has expired is kept too: Expire deletes it in the changelog.
		l.put(l.prefix, s.expiry.mark(e.key, e.time), []byte{})
	}
	l.put(s.prefix, e.key, e.value)
	return nil
}

// put adds a write of the key that begins with prefix; no value is a deletion.
func (l *Loader) put(prefix, key, value []byte) {
	n := len(prefix) + len(key)
	if n > cap(l.chunk) {
		l.chunk = make([]byte, 0, max(loaderChunk, n))
	}
	dbKey := append(append(l.chunk[:0:n], prefix...), key...)
	l.chunk = l.chunk[n:n]
	l.bytes += int64(n + len(value))
	l.batch.Ops = append(l.batch.Ops, stores.Op{Key: dbKey, Value: value})
}

// Bytes is how many bytes of keys and values are kept.
func (l *Loader) Bytes() int64 { return l.bytes }

// Flush writes what was added to the DB in one batch with what more adds to it, such as
// the offsets that were reached.
func (l *Loader) Flush(more func(b *stores.Batch)) error {
	for _, s := range l.stores {
		s.clock.write(&l.batch, l.prefix)
	}
	if more != nil {
		more(&l.batch)
	}
	if err := l.db.Apply(&l.batch); err != nil {
		return fmt.Errorf("write restored state: %w", err)
	}
	for _, s := range l.stores {
		s.clock.keep()
	}
	clear(l.batch.Ops)
	l.batch.Reset()
	l.bytes, l.chunk = 0, nil
	return nil
}
