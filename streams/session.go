package streams

import (
	"time"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/spans"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/serdes"
)

// SessionWindows are windows that grow with each record of a key that is close enough to
// one of the window. A record that is close to two windows makes one of them. A window
// begins with the time of its first record and ends with that of its last one.
type SessionWindows struct {
	// InactivityGap is how far apart two records of a session may be, at least a
	// millisecond.
	InactivityGap time.Duration
	// Grace is how long after its end and the gap a session still takes records, by the
	// largest timestamp that has come to the aggregate. Later ones are late. Default: 0.
	Grace time.Duration
	// Retention is how long after its end a session is kept for queries, at least
	// InactivityGap + Grace. Default: the larger of that and 24 hours.
	Retention time.Duration
}

func (w SessionWindows) kept(onClose bool) (spans.Spans, error) {
	return spans.Sessions(w.InactivityGap, w.Grace, w.Retention, onClose)
}

// SessionWindowedKStream is a grouped stream cut into sessions.
type SessionWindowedKStream[K, V any] struct {
	g *KGroupedStream[K, V]
	w SessionWindows
}

// AggregateSessions is [Aggregate] for each key and session; merge makes the aggregate of
// one session of those of two. A session that grows has another key then: a deletion of
// the old one is forwarded before it. Records with a null value are added.
//
// It takes the options of [AggregateWindows].
func AggregateSessions[K, V, A any](s *SessionWindowedKStream[K, V], store string, initial func() A,
	add func(key K, value V, aggregate A) (A, error), merge func(key K, one, two A) (A, error), serde Serde[A],
	opts ...Option) *KTable[Windowed[K], A] {
	n := of{"AggregateSessions", "KSTREAM-AGGREGATE", store, opts, []any{initial, add, merge, serde}}
	return sessions(s, n, window.Fold(initial, add, merge), serde)
}

// CountSessions counts the records of each key and session. It takes the options of
// [AggregateWindows].
func CountSessions[K, V any](
	s *SessionWindowedKStream[K, V], store string, opts ...Option,
) *KTable[Windowed[K], int64] {
	return sessions(s, of{"CountSessions", "KSTREAM-AGGREGATE", store, opts, nil}, window.Count[K, V](), Int64())
}

// ReduceSessions is [Reduce] for each key and session; f makes one value of those of two
// sessions too. It takes the options of [AggregateWindows].
func ReduceSessions[K, V any](s *SessionWindowedKStream[K, V], store string, f func(value, next V) (V, error),
	serde Serde[V], opts ...Option) *KTable[Windowed[K], V] {
	return sessions(s, of{"ReduceSessions", "KSTREAM-REDUCE", store, opts, []any{f, serde}}, window.Reduce[K](f), serde)
}

func sessions[K, V, A any](s *SessionWindowedKStream[K, V], n of, a window.Aggregator[K, V, A],
	serde Serde[A]) *KTable[Windowed[K], A] {
	return inWindows(s.g, newSessionTable(s.g.stream.b, n, s.w, s.g.key, serde, a.Initial), n, a)
}

func newSessionTable[K, A any](b *Builder, n of, w SessionWindows, key Serde[K], value Serde[A],
	initial func() window.Maybe[A]) *windowTable[K, A] {
	t := newWindowTable(b, n, w, key, value, initial)
	t.store.Kind, t.store.Size = kinds.Session, 0
	t.table.kept.Store = t.store
	t.table.key = serdes.SessionWindowed(key)
	return t
}
