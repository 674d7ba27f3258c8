package table

import (
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/node"
)

// Rows reads a table from its store.
func Rows[K, V any](s *cached.Store[K, V], key func(K) ([]byte, error)) join.Getter[K, V] {
	return func(k K) (row join.Row[V], err error) {
		raw, err := aggregate.RawKey(key, k)
		if err != nil {
			return row, err
		}
		row.Value, row.Timestamp, row.Found, err = s.Get(raw, 0)
		return row, err
	}
}

// WindowRows reads a table of windows from its store.
func WindowRows[K, V any](s *cached.Store[node.Windowed[K], V],
	key func(K) ([]byte, error)) join.Getter[node.Windowed[K], V] {
	return func(k node.Windowed[K]) (row join.Row[V], err error) {
		raw, err := aggregate.RawKey(key, k.Key)
		if err != nil {
			return row, err
		}
		row.Value, row.Timestamp, row.Found, err = s.Get(raw, k.Start.UnixMilli())
		return row, err
	}
}

// MappedRows reads a table whose values are made of those of another one.
func MappedRows[K, V, W any](of join.Getter[K, V], f Map[K, V, W], nulls bool) join.Getter[K, W] {
	return func(k K) (row join.Row[W], err error) {
		from, err := of(k)
		if err != nil || !from.Found && !nulls {
			return row, err
		}
		row.Timestamp = from.Timestamp
		row.Value, row.Found, err = f(k, from.Value, from.Found)
		return row, err
	}
}
