package table

import (
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Global makes a global table of the records of its topic. A record without a key is left
// out and counted as dropped, one without a value deletes its key.
type Global[K, V any] struct {
	// Context is the store's task.
	Context topology.Context
	// Store has the rows.
	Store *kinds.KeyValueStore
	// Key and Value encode the rows.
	Key   Serde[K]
	Value Serde[V]
}

// Process takes a record.
func (n *Global[K, V]) Process(r *node.Record[K, V]) error {
	if r.KeyIsNull() {
		n.Context.Drop()
		return nil
	}
	key, err := aggregate.RawKey(n.Key.Serialize, r.Key)
	if err != nil {
		return err
	}
	if r.ValueIsNull() {
		n.Store.Delete(key)
		return nil
	}
	value, err := aggregate.RawKey(n.Value.Serialize, r.Value)
	if err == nil {
		n.Store.Put(key, format.AppendTimestamped(nil, r.Timestamp.UnixMilli(), value))
	}
	return err
}
