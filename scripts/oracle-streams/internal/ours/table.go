package ours

import (
	"time"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
)

// group is a KGroupedStream.
type group[V any] struct {
	g     *streams.KGroupedStream[textual, V]
	value kind[V]
}

func (g group[V]) apply(b *build, s *cases.Step) (any, error) {
	switch s.Op {
	case "count":
		return kept(b, streams.Count(g.g, storeName(s), storeOptions(s)...), textKind, longKind, keyed(longKind)), nil
	case "aggregate":
		made := streams.Aggregate(g.g, storeName(s), begin(s), adder[V](s, g.value), textKind.serde,
			storeOptions(s)...)
		return kept(b, made, textKind, textKind, keyed(textKind)), nil
	case "reduce":
		grouped, ok := any(g.g).(*streams.KGroupedStream[textual, textual])
		if !ok {
			return nil, missing("reduce of counts")
		}
		made := streams.Reduce(grouped, storeName(s), func(value, next textual) (textual, error) {
			out, err := reduce(fn(s), text(value), text(next))
			return bytes(out), err
		}, textKind.serde, storeOptions(s)...)
		return kept(b, made, textKind, textKind, keyed(textKind)), nil
	case "windowedBy":
		if s.Window.Kind != "time" {
			return nil, missing(s.Window.Kind + " windows")
		}
		w := streams.TimeWindows{Size: millis(s.Window.Size), Advance: millis(s.Window.Advance),
			Grace: millis(max(s.Window.Grace, 0))}
		return windowed[V]{g.g, w, g.value}, nil
	}
	return nil, missing(s.Op + " of a grouped stream")
}

func begin(s *cases.Step) func() textual {
	return func() textual { return bytes(initial(fn(s))) }
}

func adder[V any](s *cases.Step, value kind[V]) func(textual, V, textual) (textual, error) {
	return func(_ textual, v V, aggregate textual) (textual, error) {
		out, err := add(fn(s), value.text(v), text(aggregate))
		return bytes(out), err
	}
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// windowed is a TimeWindowedKStream whose retention is not known yet.
type windowed[V any] struct {
	g     *streams.KGroupedStream[textual, V]
	w     streams.TimeWindows
	value kind[V]
}

func (w windowed[V]) apply(b *build, s *cases.Step) (any, error) {
	if s.Store != nil {
		w.w.Retention = millis(s.Store.Retention)
	}
	size := w.w.Size.Milliseconds()
	key := windowKind(size)
	switch s.Op {
	case "count":
		made := streams.CountWindows(w.g.WindowedBy(w.w), storeName(s), storeOptions(s)...)
		return kept(b, made, key, longKind, inWindows(size, longKind)), nil
	case "aggregate":
		made := streams.AggregateWindows(w.g.WindowedBy(w.w), storeName(s), begin(s), adder[V](s, w.value),
			textKind.serde, storeOptions(s)...)
		return kept(b, made, key, textKind, inWindows(size, textKind)), nil
	}
	return nil, missing(s.Op + " in windows")
}

// table is a KTable.
type table[K, V any] struct {
	t     *streams.KTable[K, V]
	key   kind[K]
	value kind[V]
}

// kept returns the table of an aggregate, whose store is to be read at the end.
func kept[K, V any](b *build, t *streams.KTable[K, V], key kind[K], value kind[V], read content) table[K, V] {
	b.stores[t.QueryableStoreName()] = read
	return table[K, V]{t, key, value}
}

func (t table[K, V]) apply(_ *build, s *cases.Step) (any, error) {
	if s.Op == "toStream" && len(s.Fns) == 0 {
		return stream[K, V]{t.t.ToStream(), t.key, t.value}, nil
	}
	return nil, missing(s.Op + " of a table")
}
