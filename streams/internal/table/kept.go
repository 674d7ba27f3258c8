package table

import (
	"fmt"

	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/topology"
)

// Serde turns keys or values into bytes and back. It does not get null.
type Serde[T any] interface {
	// Serialize returns the bytes of a key or value.
	Serialize(v T) ([]byte, error)
	// Deserialize is the other way.
	Deserialize(data []byte) (T, error)
}

// Kept is the store that has the rows of a table.
type Kept[K, V any] struct {
	// Store is the store as the topology has it.
	Store topology.Store
	// Key and Value encode the rows.
	Key   Serde[K]
	Value Serde[V]
	// Direct stores and forwards each update at once.
	Direct bool
	// Read reads the rows in one task. Default: they are those of a store by key.
	Read func(ctx topology.Context) join.Getter[K, V]
}

// Open returns the store of one task. All nodes of the task get the same.
func (k *Kept[K, V]) Open(ctx topology.Context) *cached.Store[K, V] {
	return k.once(ctx, func(o cached.Options[K, V]) cached.Options[K, V] {
		if k.Store.Kind == kinds.Versioned {
			return versioned(ctx, o)
		}
		kv := ctx.Stores().KeyValue(k.Store.Name)
		o.Load = func(key []byte, _ int64) ([]byte, error) { return kv.Get(key) }
		o.Save = func(key []byte, _ int64, value []byte) { kv.Put(key, value) }
		if ttl := k.Store.TTL.Milliseconds(); ttl > 0 {
			o.Expiry = &cached.Expiry[K]{TTL: ttl, Time: kv.Time, Stored: kv.Stored, Expire: kv.Expire,
				Key: k.Key.Deserialize}
		}
		return o
	})
}

// OpenWindows is Open for a store of windows.
func (k *Kept[K, V]) OpenWindows(ctx topology.Context) *cached.Store[K, V] {
	return k.once(ctx, func(o cached.Options[K, V]) cached.Options[K, V] {
		windows := ctx.Stores().Window(k.Store.Name)
		o.Load, o.Latest = windows.Fetch, windows.Latest
		o.Save = func(key []byte, start int64, value []byte) {
			if !windows.Put(key, start, value) { // it has expired, as others have a later time
				ctx.Drop()
			}
		}
		return o
	})
}

func (k *Kept[K, V]) once(ctx topology.Context,
	over func(cached.Options[K, V]) cached.Options[K, V]) *cached.Store[K, V] {
	made := ctx.Once("store "+k.Store.Name, func() any {
		return cached.New(over(cached.Options[K, V]{
			Context: ctx, Name: k.Store.Name, Serialize: k.Value.Serialize, Deserialize: k.Value.Deserialize,
			Direct: k.Direct || !ctx.Cached(), Memory: ctx.Overlay().Part(cached.MostBytes),
		}))
	})
	s, ok := made.(*cached.Store[K, V])
	if !ok {
		panic(fmt.Errorf("two nodes use store %s with keys or values of different types", k.Store.Name))
	}
	return s
}

// Rows reads the table in one task. Of a versioned table these are the latest versions.
func (k *Kept[K, V]) Rows(ctx topology.Context) join.Getter[K, V] {
	if k.Read != nil {
		return k.Read(ctx)
	}
	return Rows(k.Open(ctx), k.Key.Serialize)
}
