package join

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// side is one side of a join of two streams: V are its values, W those of the other side.
// A record first meets those that the other side has kept, and is then kept itself.
type side[K, V, W, O any] struct {
	*shared[K, O]
	left               bool
	outer              bool // records that have met none of the other side are emitted
	before, after      int64
	own, other         *kinds.WindowStore
	ownName, otherName string
	value              Serde[V]
	otherValue         Serde[W]
	join               Joiner[V, W, O]
}

func (s *side[K, V, W, O]) process(r *node.Record[K, V]) error {
	if err := s.begin(s.own, s.other); err != nil {
		return err
	}
	at := r.Timestamp.UnixMilli()
	s.stream = max(s.stream, at)
	if r.KeyIsNull() {
		if s.outer && !r.ValueIsNull() {
			return s.alone(r, at)
		}
		s.ctx.Drop()
		return nil
	}
	key, err := encode(s.key, r.Key, "key")
	if err != nil {
		return err
	}
	if r.ValueIsNull() {
		s.ctx.Drop()
		s.keep(key, at, nil)
		return nil
	}
	value, err := encode(s.value, r.Value, "value")
	if err != nil {
		return err
	}
	if at == s.stream && s.waiting != nil {
		if err := s.emitClosed(r); err != nil {
			return err
		}
	}
	met, err := s.meet(r, key, at)
	if err == nil && !met && s.outer {
		err = s.wait(r, key, value, at)
	}
	if err != nil {
		return err
	}
	s.keep(key, at, value)
	return nil
}

// keep keeps a record for those of the other side that come later. One without a value
// moves the time of the store only.
func (s *side[K, V, W, O]) keep(key []byte, at int64, value []byte) {
	if !s.own.Put(key, at, value) {
		s.ctx.Drop()
	}
}

// meet joins a record with those of the other side, and reports whether there are any.
func (s *side[K, V, W, O]) meet(r *node.Record[K, V], key []byte, at int64) (met bool, err error) {
	it, err := s.other.Range(key, at-s.before, at+s.after, false)
	if err != nil {
		return false, fmt.Errorf("read store %s: %w", s.otherName, err)
	}
	for err == nil && it.Next() {
		met = true
		err = s.pair(r, key, at, it)
	}
	return met, errors.Join(err, it.Err(), it.Close())
}

// pair joins a record with one of the other side, which now waits no more.
func (s *side[K, V, W, O]) pair(r *node.Record[K, V], key []byte, at int64, it *kinds.WindowIterator) error {
	otherAt := it.Start()
	other, err := decode(s.otherValue, append([]byte{}, it.Value()...), s.otherName)
	if err != nil {
		return err
	}
	if s.waiting != nil {
		if err := s.waiting.remove(format.JoinKey{Timestamp: otherAt, Left: !s.left, Key: key}); err != nil {
			return err
		}
	}
	out, err := s.join(r.Value, other, true, true)
	if err != nil {
		return err
	}
	return s.forward(r.Key, false, out, max(at, otherAt), r.Headers)
}

// wait keeps a record that has met no other until its window closes, or emits it when
// that is so.
func (s *side[K, V, W, O]) wait(r *node.Record[K, V], key, value []byte, at int64) error {
	if at+s.after < s.stream {
		return s.alone(r, at)
	}
	s.waits(at)
	return s.waiting.add(format.JoinKey{Timestamp: at, Left: s.left, Key: key}, value)
}

// alone emits a record that has met no other.
func (s *side[K, V, W, O]) alone(r *node.Record[K, V], at int64) error {
	var none W
	out, err := s.join(r.Value, none, true, false)
	if err != nil {
		return err
	}
	return s.forward(r.Key, r.NullKey, out, at, r.Headers)
}

// emitClosed emits the records of both sides that have met no other and whose window has
// closed, the earliest first. r is the record that has closed them.
func (s *side[K, V, W, O]) emitClosed(r *node.Record[K, V]) error {
	if !s.due(s.after + s.windows.Grace) {
		return nil
	}
	from, leftOpen, rightOpen := s.first, false, false
	s.earliest, s.first = never, never
	return s.waiting.walk(from, func(e waiter) (bool, error) {
		s.earliest = e.key.Timestamp
		switch {
		case leftOpen && rightOpen:
			return false, nil
		case s.open(e.key):
			s.first = min(s.first, e.key.Timestamp)
			leftOpen, rightOpen = leftOpen || e.key.Left, rightOpen || !e.key.Left
			return true, nil
		}
		return true, s.emitWaiter(r, e)
	})
}

// emitWaiter takes records from the store and emits them.
func (s *side[K, V, W, O]) emitWaiter(r *node.Record[K, V], e waiter) error {
	key, err := decode(s.key, e.key.Key, s.waiting.name)
	if err != nil {
		return err
	}
	if err := s.waiting.remove(e.key); err != nil {
		return err
	}
	for _, data := range e.values {
		u := topology.Update{Store: s.waiting.name, Key: e.key.Key, Value: data, Timestamp: millis(e.key.Timestamp)}
		err := forward(s.ctx, u, func() error {
			out, err := s.joinWaiter(e.key.Left, data)
			if err != nil {
				return err
			}
			return s.forward(key, false, out, e.key.Timestamp, r.Headers)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// joinWaiter makes the result of a record of any side that has met no other.
func (s *side[K, V, W, O]) joinWaiter(left bool, data []byte) (out O, err error) {
	var value V
	var other W
	if left == s.left {
		if value, err = decode(s.value, data, s.waiting.name); err != nil {
			return out, err
		}
		return s.join(value, other, true, false)
	}
	if other, err = decode(s.otherValue, data, s.waiting.name); err != nil {
		return out, err
	}
	return s.join(value, other, false, true)
}
