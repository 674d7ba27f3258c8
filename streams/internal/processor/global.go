package processor

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// GlobalContext is what a global store offers the processor that writes it. It belongs to
// the store's goroutine.
type GlobalContext struct{ task topology.Context }

// NewGlobal returns the context of a global store.
func NewGlobal(task topology.Context) *GlobalContext { return &GlobalContext{task} }

// RecordMetadata says where the record in process was read.
func (c *GlobalContext) RecordMetadata() topology.Position { return c.task.Position() }

// Drop counts a record that is left out on purpose, in the metric of dropped records.
func (c *GlobalContext) Drop() { c.task.Drop() }

// Logger returns the app's logger.
func (c *GlobalContext) Logger() *slog.Logger { return c.task.Logger() }

// Task is for the store, which is opened with a context.
func (c *GlobalContext) Task() topology.Context { return c.task }

// GlobalRows reads a global table. It shows what was read of its topic at the latest.
type GlobalRows[K, V any] struct {
	name   string
	reader *kinds.KeyValueReader
	key    Serde[K]
	value  Serde[V]
}

// OpenGlobal returns the rows of a global table.
func OpenGlobal[K, V any](task topology.Context, name string, key Serde[K], value Serde[V]) *GlobalRows[K, V] {
	r := task.Global(name)
	if r == nil {
		panic(fmt.Errorf("%w: store %q is no global store of this topology", kinds.ErrUndeclared, name))
	}
	return &GlobalRows[K, V]{name, r, key, value}
}

// Get returns the value of a key and its timestamp, and whether there is one.
func (g *GlobalRows[K, V]) Get(key K) (value V, timestamp time.Time, ok bool, err error) {
	raw, err := g.key.Serialize(key)
	if err != nil {
		return value, timestamp, false, &topology.Rejection{Stage: topology.Processing,
			Err: fmt.Errorf("encode a key of global store %s: %w", g.name, err)}
	}
	data, err := g.reader.Get(raw)
	if err != nil || data == nil {
		return value, timestamp, false, err
	}
	value, timestamp, err = g.decode(data)
	return value, timestamp, err == nil, err
}

// Range calls yield with all keys from from on that are smaller than to, in the order of
// their bytes, until it returns false or an error; nil bounds are open. It sees one state of
// the table, whatever is read meanwhile.
func (g *GlobalRows[K, V]) Range(from, to *K, yield func(key K, value V, timestamp time.Time) (bool, error)) error {
	return walkRange(g.reader, g.key, g.name, from, to, func(key K, data []byte) (bool, error) {
		value, at, err := g.decode(data)
		if err != nil {
			return false, err
		}
		return yield(key, value, at)
	})
}

// decode takes a row apart. That it cannot be is no record's fault: those were read before.
func (g *GlobalRows[K, V]) decode(data []byte) (value V, at time.Time, err error) {
	millis, plain, err := format.ParseTimestamped(data)
	if err == nil {
		value, err = g.value.Deserialize(plain)
	}
	if err != nil {
		return value, at, fmt.Errorf("decode a value of global store %s: %w", g.name, err)
	}
	return value, time.UnixMilli(millis).UTC(), nil
}
