package kinds

import (
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/stores"
)

// Kind is a kind of store.
type Kind int

// The kinds of stores.
const (
	// KeyValue has a value for each key.
	KeyValue Kind = iota
	// Timestamped has a value with a timestamp for each key; see
	// [format.AppendTimestamped].
	Timestamped
	// Versioned has a value for each key and timestamp.
	Versioned
	// Window has a value for each key and start of a window.
	Window
	// TimestampedWindow is Window whose values have timestamps as those of Timestamped.
	TimestampedWindow
	// Session has a value for each key, start and end.
	Session
)

var kindNames = [...]string{
	"a key-value store", "a timestamped key-value store", "a versioned store", "a window store",
	"a timestamped window store", "a session store",
}

// String names the kind for errors, such as "a window store".
func (k Kind) String() string { return kindNames[k] }

// Spec is a store as a topology declares it.
type Spec struct {
	// Name is the store's, unique in its task.
	Name string
	// Kind is the store's. Default: KeyValue.
	Kind Kind
	// Retention is how far behind the store's time windows, sessions and versions are
	// kept. Windowed and versioned stores need it, in whole milliseconds.
	Retention time.Duration
	// RetainDuplicates makes each Put of a window store add an entry, for joins of
	// streams. Default: a Put replaces that of the same key and start.
	RetainDuplicates bool
	// TTL makes keys of a timestamped key-value store expire when the store's time is so
	// far behind their timestamps. After a restore that is the time of the latest value in
	// the changelog, where values that were replaced within a commit are not. Default: never.
	TTL time.Duration
}

// ErrSpec is in the error of [Spec.Check].
var ErrSpec = errors.New("the store cannot be made")

// Check says why there cannot be such a store, or nil.
func (s Spec) Check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("store %q: %w: %s", s.Name, ErrSpec, fmt.Sprintf(format, args...))
	}
	timed := s.Kind == Versioned || s.windowed()
	switch {
	case s.Name == "" || s.Name[0] == 0:
		return wrong("give it a name that a topic may have")
	case s.Kind < KeyValue || s.Kind > Session:
		return wrong("there is no kind %d", s.Kind)
	case timed && s.Retention < time.Millisecond:
		return wrong("%v needs a retention of at least a millisecond, and %v was given", s.Kind, s.Retention)
	case !timed && s.Retention != 0:
		return wrong("%v has no retention: leave it out, or set a TTL", s.Kind)
	case s.RetainDuplicates && s.Kind != Window && s.Kind != TimestampedWindow:
		return wrong("only a window store retains duplicates, and this is %v", s.Kind)
	case s.TTL != 0 && (s.Kind != Timestamped || s.TTL < time.Millisecond):
		return wrong("a TTL must be at least a millisecond and be that of a timestamped key-value store")
	}
	return nil
}

func (s Spec) windowed() bool {
	return s.Kind == Window || s.Kind == TimestampedWindow || s.Kind == Session
}

// minSegment is the least span of a segment in milliseconds, as in Kafka Streams.
const minSegment = 60_000

// Segment is the span of time, in milliseconds, that the store's keys in the DB are cut
// into, 0 for a store without. It follows from the retention: with another one the keys
// of the DB are not found, and the store is restored from its changelog.
func (s Spec) Segment() int64 {
	if !s.windowed() {
		return 0
	}
	return s.interval()
}

// interval is the span of a segment in milliseconds.
func (s Spec) interval() int64 { return max(s.Retention.Milliseconds()/2, minSegment) }

// prefix is what the store's keys begin with.
func (s Spec) prefix() []byte { return stores.Key(nil, s.Name, nil) }

// localPrefix is what the keys begin with that the store has beside its entries, and
// that are not in the changelog. No name of a store begins with 0.
func (s Spec) localPrefix() []byte { return stores.Key(nil, "\x00"+s.Name, nil) }

// clockKey is the key of a store's clock within its task.
func (s Spec) clockKey() []byte { return append(s.localPrefix(), 't') }

// DeleteFrom adds to b the deletion of all that the store has in the DB under the DB
// prefix of its task.
func (s Spec) DeleteFrom(b *stores.Batch, taskPrefix []byte) {
	for _, p := range [][]byte{s.prefix(), s.localPrefix()} {
		from := append(append([]byte(nil), taskPrefix...), p...)
		b.DeleteRange(from, stores.PrefixEnd(from))
	}
}
