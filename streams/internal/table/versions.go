package table

import (
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/topology"
)

// versioned makes the options of a versioned store, which nothing is cached of. A version
// that is too old for it counts as dropped, as in Kafka Streams.
func versioned[K, V any](ctx topology.Context, o cached.Options[K, V]) cached.Options[K, V] {
	versions := ctx.Stores().Versioned(o.Name)
	o.Direct = true
	o.Load = func(key []byte, _ int64) ([]byte, error) {
		v, err := versions.Get(key)
		if err != nil || v == nil {
			return nil, err
		}
		return format.AppendTimestamped(nil, v.From, v.Value), nil
	}
	o.SaveVersion = func(key, value []byte, timestamp int64) (latest, kept bool, err error) {
		to, kept, err := versions.Put(key, value, timestamp)
		if err == nil && !kept {
			ctx.Drop()
		}
		return to == kinds.Current, kept, err
	}
	return o
}

// AsOf reads the versions of the table in one task, nil when its store has none.
func (k *Kept[K, V]) AsOf(ctx topology.Context) join.AsOf[K, V] {
	if k.Store.Kind != kinds.Versioned {
		return nil
	}
	versions := ctx.Stores().Versioned(k.Store.Name)
	return func(key K, at int64) (row join.Row[V], err error) {
		raw, err := aggregate.RawKey(k.Key.Serialize, key)
		if err != nil {
			return row, err
		}
		v, err := versions.GetAsOf(raw, at)
		if err != nil || v == nil {
			return row, err
		}
		row.Timestamp, row.Found = v.From, true
		row.Value, err = k.Value.Deserialize(v.Value)
		return row, err
	}
}

// MappedAsOf reads the versions of a table whose values are made of those of another one.
func MappedAsOf[K, V, W any](of join.AsOf[K, V], f Map[K, V, W], nulls bool) join.AsOf[K, W] {
	return func(key K, at int64) (join.Row[W], error) {
		return MappedRows(func(key K) (join.Row[V], error) { return of(key, at) }, f, nulls)(key)
	}
}
