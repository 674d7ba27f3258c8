package table

import (
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/internal/node"
)

// Map makes a value of one, and says whether there is one. has says whether there was.
type Map[K, V, W any] func(key K, value V, has bool) (out W, ok bool, err error)

// Transform returns the Map of a function that gets nil for no value.
func Transform[K, V, W any](f func(K, *V) (W, error)) Map[K, V, W] {
	return func(key K, value V, has bool) (out W, ok bool, err error) {
		if has {
			out, err = f(key, &value)
		} else {
			out, err = f(key, nil)
		}
		return out, !node.IsNil(out), err
	}
}

// Mapped makes a value of each value of a table, in one task.
type Mapped[K, V, W any] struct {
	// Map makes the values.
	Map Map[K, V, W]
	// Nulls says that Map is called for values that are not there too.
	Nulls bool
	// Drops says that a change from no value to none is not forwarded if SendOld is set.
	Drops bool
	// SendOld says that a change has the value that it replaces.
	SendOld bool
	// Store has the values. Default nil: nobody needs them.
	Store *cached.Store[K, W]
	// Key turns a key into that of the store.
	Key func(K) ([]byte, error)
	// Next takes the changes of a table without a store.
	Next node.Handler[K, node.Change[W]]

	out node.Record[K, node.Change[W]]
}

// Process takes a change.
func (n *Mapped[K, V, W]) Process(r *node.Record[K, node.Change[V]]) (err error) {
	var c node.Change[W]
	c.Stale = r.Value.Stale
	if c.New, c.HasNew, err = n.value(r.Key, r.Value.New, r.Value.HasNew); err != nil {
		return err
	}
	if n.Store != nil {
		return n.store(r, c)
	}
	if n.SendOld {
		if c.Old, c.HasOld, err = n.value(r.Key, r.Value.Old, r.Value.HasOld); err != nil {
			return err
		}
		if n.Drops && !c.HasNew && !c.HasOld {
			return nil
		}
	}
	n.out.Key, n.out.Value, n.out.Timestamp, n.out.Headers = r.Key, c, r.Timestamp, r.Headers
	return n.Next(&n.out)
}

func (n *Mapped[K, V, W]) value(key K, value V, has bool) (out W, ok bool, err error) {
	if !has && !n.Nulls {
		return out, false, nil
	}
	return n.Map(key, value, has)
}

// store keeps a value, from where its change is forwarded.
func (n *Mapped[K, V, W]) store(r *node.Record[K, node.Change[V]], c node.Change[W]) error {
	raw, err := aggregate.RawKey(n.Key, r.Key)
	if err != nil {
		return err
	}
	if n.Drops && n.SendOld && !c.HasNew {
		_, _, was, err := n.Store.Get(raw, 0)
		if err != nil || !was {
			return err
		}
	}
	return put(n.Store, raw, r.Key, c.New, c.HasNew, at{r.Timestamp, r.Headers})
}
