package cached

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Expiry is what a store does whose keys have a time-to-live. By which time they expire is
// the store's: the largest timestamp that was put into it.
type Expiry[K any] struct {
	// TTL is how far the store's time may be ahead of a value's timestamp, in milliseconds.
	TTL int64
	// Time is the time of what was saved, math.MinInt64 for none.
	Time func() int64
	// Stored is Load that also finds what has expired and was not deleted yet.
	Stored func(key []byte) ([]byte, error)
	// Expire deletes what has expired, and looks at no more than limit keys. It calls each
	// with what was deleted, and reports whether there may be more.
	Expire func(limit int, each func(key, value []byte) error) (more bool, err error)
	// Key decodes a key of the store.
	Key func(raw []byte) (K, error)
}

// How many keys of a store expire in an epoch at most, and between two looks for more.
const (
	expireMost = 20_000
	expireStep = 1000
)

// expired reports whether a value of that timestamp has expired.
func (s *Store[K, V]) expired(timestamp int64) bool {
	return s.o.Expiry != nil && s.now != math.MinInt64 && timestamp <= s.now-s.o.Expiry.TTL
}

// age takes the value of e away when it has expired.
func (s *Store[K, V]) age(e *Entry[K, V]) {
	if !e.Has || !s.expired(e.Timestamp) {
		return
	}
	var none V
	e.Value, e.Has, e.at = none, false, e.Timestamp+s.o.Expiry.TTL
}

// expire deletes what has expired, and forwards that as deletions at the times at which
// the values expired.
func (s *Store[K, V]) expire() error {
	for n := 0; s.o.Expiry != nil && n < expireMost; n += expireStep {
		more, err := s.o.Expiry.Expire(expireStep, s.forget)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// forget forwards the deletion of a key that has expired.
func (s *Store[K, V]) forget(raw, data []byte) error {
	if e := s.entries.get(raw, 0); e != nil {
		s.entries.remove(e)
	}
	if s.next == nil {
		return nil
	}
	value, at, err := s.decode(data)
	if err != nil {
		return fmt.Errorf("decode the aggregate of key %.64q in store %s: %w", raw, s.o.Name, err)
	}
	gone := &Entry[K, V]{slot: slot{key: string(raw)}, keyed: true, offset: s.o.Context.Position().Offset}
	if gone.key, err = s.o.Expiry.Key(bytes.Clone(raw)); err != nil {
		return fmt.Errorf("decode key %.64q of store %s: %w", raw, s.o.Name, err)
	}
	at += s.o.Expiry.TTL
	return node.Forward(s.o.Context, func() topology.Update {
		return topology.Update{Store: s.o.Name, Key: raw, Timestamp: time.UnixMilli(at).UTC(), Offset: gone.offset}
	}, func() error { return s.forward(gone, node.Change[V]{Old: value, HasOld: true}, at) })
}
