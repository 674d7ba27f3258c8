package table

import (
	"time"

	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/topology"
)

// at is what a change has of the record that made it.
type at struct {
	timestamp time.Time
	headers   []topology.Header
}

// put replaces the row of a key.
func put[K, V any](s *cached.Store[K, V], raw []byte, key K, value V, has bool, r at) error {
	e, err := s.Blank(raw, 0)
	if err != nil {
		return err
	}
	if has {
		value = aggregate.Owned(value)
	} else {
		var none V
		value = none
	}
	return s.Set(e, func() K { return aggregate.Owned(key) }, value, has, r.timestamp.UnixMilli(), r.timestamp, r.headers)
}
