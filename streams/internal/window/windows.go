package window

import (
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
)

// stamped is an aggregate in a store: its bytes, nil for none, and its timestamp.
type stamped struct {
	value []byte
	at    int64
}

// windows is what nodes with windows of a fixed length have in common.
type windows[K, V, A any] struct {
	*Updates[K, A]
	node  *Options[K, V, A]
	clock *clock
	store *kinds.WindowStore
}

func newWindows[K, V, A any](ctx Context, o *Options[K, V, A]) (*windows[K, V, A], error) {
	store := ctx.Stores().Window(o.Updates.o.Store)
	c, err := openClock(ctx, o.Updates.o.Store, o.Name, store.Time())
	if err != nil {
		return nil, err
	}
	return &windows[K, V, A]{Updates: o.Updates, node: o, clock: c, store: store}, nil
}

// place is a window of a record's key.
type place struct {
	key        []byte // in the store
	start, end int64
}

// fetch returns what the store has of a window.
func (w *windows[K, V, A]) fetch(key []byte, start int64) (stamped, error) {
	data, err := w.store.Fetch(key, start)
	if err != nil || data == nil {
		return stamped{}, err
	}
	return w.parse(data)
}

func (w *windows[K, V, A]) parse(data []byte) (stamped, error) {
	at, value, err := format.ParseTimestamped(data)
	if err != nil {
		return stamped{}, fmt.Errorf("read store %s: %w", w.o.Store, err)
	}
	return stamped{value: value, at: at}, nil
}

// put stores an aggregate and says so. before is what the store had.
func (w *windows[K, V, A]) put(r *node.Record[K, V], p place, before stamped, old []byte, now stamped) error {
	var data []byte
	if now.value != nil {
		data = format.AppendTimestamped(make([]byte, 0, 8+len(now.value)), now.at, now.value)
	}
	if !w.store.Put(p.key, p.start, data) {
		w.ctx.Drop()
	}
	if now.value == nil && w.o.Cached { // a cache of Kafka Streams takes the time of the record then
		now.at = r.Timestamp.UnixMilli()
	}
	return w.say(update[K, A]{
		slot: string(format.WindowKey{Key: p.key, Start: p.start}.Append(nil)), key: windowed(r.Key, p.start, p.end),
		before: before.value, old: old, value: now.value, timestamp: now.at, headers: r.Headers,
	})
}

// emit takes the windows that start from lower to upper as closed. r has closed them.
func (w *windows[K, V, A]) emit(r *node.Record[K, V], lower, upper, size int64) error {
	return inOrder(lower, upper, w.scan, func(e closed) error {
		at, err := w.parse(e.value)
		if err != nil {
			return err
		}
		key, err := w.o.Key.Deserialize(e.key)
		if err != nil {
			return fmt.Errorf("decode a key of store %s: %w", w.o.Store, err)
		}
		w.final(update[K, A]{
			slot: string(format.WindowKey{Key: e.key, Start: e.time}.Append(nil)), key: windowed(key, e.time, e.time+size),
			value: at.value, timestamp: at.at, headers: r.Headers,
		})
		return nil
	})
}

func (w *windows[K, V, A]) scan(from, to int64, each func(closed) error) error {
	it, err := w.store.Keys(nil, nil, from, to, false)
	for err == nil && it.Next() {
		err = each(closed{time: it.Start(), key: it.Key(), value: it.Value()})
	}
	if it == nil {
		return err
	}
	return errors.Join(err, it.Err(), it.Close())
}

// closeTime moves the node's time on to that of a record. It returns the end of the latest
// windows that have closed.
func (w *windows[K, V, A]) closeTime(at time.Time, grace int64) int64 {
	w.clock.now = max(w.clock.now, at.UnixMilli())
	return w.clock.now - grace
}
