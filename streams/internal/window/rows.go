package window

import (
	"fmt"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Rows reads the table that is in the named store of a task by key and window.
func Rows[K, A any](ctx Context, store string, key Serde[K], value Serde[A]) join.Getter[node.Windowed[K], A] {
	windows := ctx.Stores().Window(store)
	return func(k node.Windowed[K]) (row join.Row[A], err error) {
		raw, err := rawKey(key, k.Key)
		if err != nil {
			return row, err
		}
		data, err := windows.Fetch(raw, k.Start.UnixMilli())
		if err != nil || data == nil {
			return row, err
		}
		at, plain, err := format.ParseTimestamped(data)
		if err != nil {
			return row, fmt.Errorf("read store %s: %w", store, err)
		}
		return rowOf(value, store, plain, at)
	}
}

// SessionRows is Rows of a store of sessions. Its values have no timestamps: as in Kafka
// Streams that of a session is its end.
func SessionRows[K, A any](ctx Context, store string, key Serde[K],
	value Serde[A]) join.Getter[node.Windowed[K], A] {
	sessions := ctx.Stores().Session(store)
	return func(k node.Windowed[K]) (row join.Row[A], err error) {
		raw, err := rawKey(key, k.Key)
		if err != nil {
			return row, err
		}
		data, err := sessions.Fetch(format.SessionKey{Key: raw, Start: k.Start.UnixMilli(), End: k.End.UnixMilli()})
		if err != nil || data == nil {
			return row, err
		}
		return rowOf(value, store, data, k.End.UnixMilli())
	}
}

// rawKey is the key in a store; one that cannot be encoded is the fault of its record.
func rawKey[K any](key Serde[K], k K) ([]byte, error) {
	raw, err := key.Serialize(k)
	if err != nil {
		return nil, &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("key: %w", err)}
	}
	return raw, nil
}

func rowOf[A any](value Serde[A], store string, data []byte, at int64) (row join.Row[A], err error) {
	row.Timestamp, row.Found = at, true
	if row.Value, err = value.Deserialize(data); err != nil {
		err = fmt.Errorf("decode an aggregate of store %s: %w", store, err)
	}
	return row, err
}
