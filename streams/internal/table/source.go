package table

import (
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Source makes a table of the records of a stream, in one task. A record without a key is
// left out and counted as dropped, one without a value deletes its key.
type Source[K, V any] struct {
	// Context is the task.
	Context topology.Context
	// Store has the rows. Default nil: nobody needs them.
	Store *cached.Store[K, V]
	// Key turns a key into that of the store.
	Key func(K) ([]byte, error)
	// Next takes the changes of a table without a store.
	Next node.Handler[K, node.Change[V]]

	out node.Record[K, node.Change[V]]
}

// Process takes a record.
func (n *Source[K, V]) Process(r *node.Record[K, V]) error {
	if r.KeyIsNull() {
		n.Context.Drop()
		return nil
	}
	has := !r.ValueIsNull()
	if n.Store == nil {
		n.out.Key, n.out.Timestamp, n.out.Headers = r.Key, r.Timestamp, r.Headers
		n.out.Value = node.Change[V]{New: r.Value, HasNew: has}
		return n.Next(&n.out)
	}
	raw, err := aggregate.RawKey(n.Key, r.Key)
	if err != nil {
		return err
	}
	return put(n.Store, raw, r.Key, r.Value, has, at{r.Timestamp, r.Headers})
}
