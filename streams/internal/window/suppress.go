package window

import (
	"errors"
	"fmt"
	"math"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/internal/join"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Hold says which updates of a table are held back, and for how long.
type Hold[K, V any] struct {
	// Name is the name of the node.
	Name string
	// Store is the name of the buffer, a key-value store.
	Store string
	// Key is the Serde of keys, Value that of values.
	Key   Serde[K]
	Value Serde[V]
	// Wait is how long the node's time must have passed the time of an update, in
	// milliseconds.
	Wait int64
	// TimeOf returns the time of an update in milliseconds, nil for that of its record.
	TimeOf func(key K) int64
	// DropTombstones leaves out keys that are deleted when their time has come: nothing
	// of them was forwarded before.
	DropTombstones bool
	// MaxRecords and MaxBytes are how much is held. Default: no bound.
	MaxRecords, MaxBytes int64
	// FailWhenFull is an error when there is more, instead of forwarding the earliest.
	FailWhenFull bool
	// Next takes what is forwarded.
	Next node.Handler[K, node.Change[V]]
}

// Suppress holds updates back until their time has come, the latest of each key, which
// keeps the place of the first.
type Suppress[K, V any] struct {
	h      *Hold[K, V]
	ctx    Context
	clock  *clock
	buffer *buffer
}

// NewSuppress returns the node of one task.
func NewSuppress[K, V any](ctx Context, h *Hold[K, V]) (*Suppress[K, V], error) {
	c, err := openClock(ctx, h.Store, h.Name, noTime)
	if err != nil {
		return nil, err
	}
	b := &buffer{name: h.Store, store: ctx.Stores().KeyValue(h.Store)}
	ctx.Overlay().Attach(b)
	if h.MaxRecords <= 0 {
		h.MaxRecords = math.MaxInt64
	}
	if h.MaxBytes <= 0 {
		h.MaxBytes = math.MaxInt64
	}
	return &Suppress[K, V]{h: h, ctx: ctx, clock: c, buffer: b}, nil
}

// Process takes in an update and forwards what has come due.
func (s *Suppress[K, V]) Process(r *node.Record[K, node.Change[V]]) error {
	if err := s.buffer.load(); err != nil {
		return err
	}
	s.clock.now = max(s.clock.now, r.Timestamp.UnixMilli())
	if err := s.hold(r); err != nil {
		return err
	}
	return s.release()
}

func (s *Suppress[K, V]) hold(r *node.Record[K, node.Change[V]]) error {
	key, err := s.h.Key.Serialize(r.Key)
	if err != nil {
		return rejected("key", err)
	}
	at := r.Timestamp.UnixMilli()
	if s.h.TimeOf != nil {
		at = s.h.TimeOf(r.Key)
	}
	position := s.ctx.Position()
	up := format.Buffered{Time: at, Context: format.RecordContext{Timestamp: r.Timestamp.UnixMilli(),
		Offset: position.Offset, Topic: position.Topic, Partition: position.Partition}}
	for _, h := range r.Headers {
		up.Context.Headers = append(up.Context.Headers, format.Header(h))
	}
	if r.Value.HasNew {
		if up.New, err = s.bytes(r.Value.New); err != nil {
			return err
		}
	}
	if r.Value.HasOld {
		if up.Old, err = s.bytes(r.Value.Old); err != nil {
			return err
		}
	}
	return s.buffer.put(key, up, func(data []byte) error { return s.ctx.Fits(s.h.Store, key, data) })
}

func (s *Suppress[K, V]) bytes(v V) ([]byte, error) {
	data, err := s.h.Value.Serialize(v)
	if err != nil {
		return nil, rejected("value", err)
	}
	if data == nil {
		data = []byte{}
	}
	return data, nil
}

func rejected(part string, err error) error {
	return &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("%s: %w", part, err)}
}

// ErrFull is in the error of a buffer that holds too much.
var ErrFull = errors.New("the buffer of a suppression is full")

// release forwards what has come due, and what there is no room for.
func (s *Suppress[K, V]) release() error {
	for s.buffer.len() > 0 && s.buffer.first() <= s.clock.now-s.h.Wait {
		if err := s.forward(); err != nil {
			return err
		}
	}
	for s.buffer.len() > s.h.MaxRecords || s.buffer.bytes > s.h.MaxBytes {
		if s.h.FailWhenFull {
			return fmt.Errorf("%w: %s holds %d records of at most %d, and %d bytes of at most %d: raise the bound, or let "+
				"it emit early", ErrFull, s.h.Name, s.buffer.len(), s.h.MaxRecords, s.buffer.bytes, s.h.MaxBytes)
		}
		if err := s.forward(); err != nil {
			return err
		}
	}
	return nil
}

// forward takes the earliest update out of the buffer and passes it on.
func (s *Suppress[K, V]) forward() error {
	raw, up, err := s.buffer.take()
	if err != nil || up.New == nil && s.h.DropTombstones {
		return err
	}
	r := node.Record[K, node.Change[V]]{Timestamp: atMilli(up.Context.Timestamp)}
	for _, h := range up.Context.Headers {
		r.Headers = append(r.Headers, topology.Header(h))
	}
	if r.Key, err = s.h.Key.Deserialize(raw); err != nil {
		return fmt.Errorf("decode a key of store %s: %w", s.h.Store, err)
	}
	if r.Value.New, r.Value.HasNew, err = s.value(up.New); err != nil {
		return err
	}
	if r.Value.Old, r.Value.HasOld, err = s.value(up.Old); err != nil {
		return err
	}
	return node.Forward(s.ctx, func() topology.Update {
		return topology.Update{Store: s.h.Store, Key: raw, Value: up.New, Timestamp: r.Timestamp, Offset: up.Context.Offset}
	}, func() error { return s.h.Next(&r) })
}

func (s *Suppress[K, V]) value(data []byte) (v V, ok bool, err error) {
	if data == nil {
		return v, false, nil
	}
	if v, err = s.h.Value.Deserialize(data); err != nil {
		return v, false, fmt.Errorf("decode a value of store %s: %w", s.h.Store, err)
	}
	return v, true, nil
}

// Held reads a table with what is held back: a key whose updates are held has the value
// that was forwarded last.
func Held[K, V any](ctx Context, h *Hold[K, V], of join.Getter[K, V]) join.Getter[K, V] {
	b := &buffer{name: h.Store, store: ctx.Stores().KeyValue(h.Store)}
	return func(key K) (row join.Row[V], err error) {
		raw, err := h.Key.Serialize(key)
		if err != nil {
			return row, rejected("key", err)
		}
		up, ok, err := b.find(raw)
		if err != nil || !ok {
			if err == nil {
				row, err = of(key)
			}
			return row, err
		}
		row.Timestamp = -1 // as in Kafka Streams, which does not know it
		if up.Prior == nil {
			return row, nil
		}
		if row.Value, err = h.Value.Deserialize(up.Prior); err != nil {
			return row, fmt.Errorf("decode a value of store %s: %w", h.Store, err)
		}
		row.Found = true
		return row, nil
	}
}
