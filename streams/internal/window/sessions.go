package window

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/node"
)

// Gap are session windows, in milliseconds.
type Gap struct {
	// Inactivity is how far apart two records of a session may be.
	Inactivity int64
	// Grace is how long after its end and the inactivity a session takes records.
	Grace int64
}

// Sessions aggregates in windows that grow with each record that is close enough, and that
// become one when a record is close to several.
type Sessions[K, V, A any] struct {
	*Updates[K, A]
	node  *Options[K, V, A]
	clock *clock
	store *kinds.SessionStore
	gap   Gap
}

// NewSessions returns the node of one task. Its store is a session store.
func NewSessions[K, V, A any](ctx Context, o *Options[K, V, A], gap Gap) (*Sessions[K, V, A], error) {
	store := ctx.Stores().Session(o.Updates.o.Store)
	c, err := openClock(ctx, o.Updates.o.Store, o.Name, store.Time())
	if err != nil {
		return nil, err
	}
	return &Sessions[K, V, A]{Updates: o.Updates, node: o, clock: c, store: store, gap: gap}, nil
}

// session is one of the store.
type session struct {
	key   format.SessionKey
	value []byte
}

// Process adds a record to the sessions that it is close to.
func (s *Sessions[K, V, A]) Process(r *node.Record[K, V]) error {
	if r.KeyIsNull() {
		s.ctx.Drop()
		return nil
	}
	raw, err := s.keyOf(r.Key)
	if err != nil {
		return err
	}
	at := r.Timestamp.UnixMilli()
	s.clock.now = max(s.clock.now, at)
	closeTime := s.clock.now - s.gap.Grace - s.gap.Inactivity
	near, err := s.near(raw, at)
	if err != nil {
		return err
	}
	whole := format.SessionKey{Key: raw, Start: at, End: at}
	for _, n := range near {
		whole.Start, whole.End = min(whole.Start, n.key.Start), max(whole.End, n.key.End)
	}
	isLate := whole.End < closeTime
	if isLate {
		s.ctx.Late()
		if s.node.RejectLate {
			return late(at, closeTime)
		}
		near = nil
	}
	// First, as the store may forget what has closed when it gets a much later session.
	if err := s.closing(r, closeTime, near); err != nil || isLate {
		return err
	}
	return s.add(r, whole, near)
}

// near returns the sessions that a record belongs to, in the order of their ends.
func (s *Sessions[K, V, A]) near(raw []byte, at int64) (near []session, err error) {
	it, err := s.store.Find(raw, at-s.gap.Inactivity, at+s.gap.Inactivity, false)
	if err != nil {
		return nil, err
	}
	for it.Next() {
		k := it.Key()
		k.Key = raw
		near = append(near, session{k, bytes.Clone(it.Value())})
	}
	return near, errors.Join(it.Err(), it.Close())
}

// add makes one session of those that a record is close to, and of the record.
func (s *Sessions[K, V, A]) add(r *node.Record[K, V], whole format.SessionKey, near []session) error {
	aggregate := s.node.Aggregator.Initial()
	for _, n := range near {
		one, err := s.maybe(n.value)
		if err != nil {
			return err
		}
		if aggregate, err = s.node.Aggregator.Merge(r.Key, aggregate, one); err != nil {
			return err
		}
	}
	aggregate, err := s.node.Aggregator.Add(r, aggregate)
	if err != nil {
		return err
	}
	value, err := s.encode(whole.Key, aggregate)
	if err != nil {
		return err
	}
	var before []byte
	for _, n := range near {
		if n.key.Start == whole.Start && n.key.End == whole.End && whole.Start == whole.End {
			before = n.value // the session is at one time, and stays
			break
		}
		s.store.Remove(n.key)
		if err := s.say(s.update(r, n.key, n.value, n.value, nil)); err != nil {
			return err
		}
	}
	if !s.store.Put(whole, value) {
		s.ctx.Drop()
	}
	return s.say(s.update(r, whole, before, nil, value))
}

func (s *Sessions[K, V, A]) update(r *node.Record[K, V], k format.SessionKey, before, old, value []byte) update[K, A] {
	up := update[K, A]{
		slot: string(k.Append(nil)), key: windowed(r.Key, k.Start, k.End), before: before, old: old, value: value,
		timestamp: k.End,
	}
	if s.o.Cached { // without a cache Kafka Streams forwards sessions without headers
		up.headers = r.Headers
	}
	return up
}

// closing takes the sessions that have closed since the last time, without those that
// become part of a later one now.
func (s *Sessions[K, V, A]) closing(r *node.Record[K, V], closeTime int64, near []session) error {
	if !s.o.OnClose || !s.clock.due(closeTime, s.node.Now(), s.node.Interval, s.o.Slack) {
		return nil
	}
	lower, upper := max(0, s.clock.closed), closeTime-1
	if upper < lower {
		return nil
	}
	s.clock.close(closeTime)
	return inOrder(lower, upper, s.scan, func(e closed) error {
		merged := func(n session) bool {
			return n.key.Start == e.start && n.key.End == e.time && bytes.Equal(n.key.Key, e.key)
		}
		if slices.ContainsFunc(near, merged) {
			return nil
		}
		key, err := s.o.Key.Deserialize(e.key)
		if err != nil {
			return fmt.Errorf("decode a key of store %s: %w", s.o.Store, err)
		}
		k := format.SessionKey{Key: e.key, Start: e.start, End: e.time}
		s.final(update[K, A]{slot: string(k.Append(nil)), key: windowed(key, e.start, e.time), value: e.value,
			timestamp: e.time, headers: r.Headers})
		return nil
	})
}

func (s *Sessions[K, V, A]) scan(from, to int64, each func(closed) error) error {
	it, err := s.store.Keys(nil, nil, from, to, false)
	for err == nil && it.Next() {
		if k := it.Key(); k.End <= to {
			err = each(closed{time: k.End, start: k.Start, key: k.Key, value: it.Value()})
		}
	}
	if it == nil {
		return err
	}
	return errors.Join(err, it.Err(), it.Close())
}
