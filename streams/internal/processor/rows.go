package processor

import (
	"time"

	"github.com/suiro/suiro/streams/internal/join"
)

// Rows is the store of a table in one task. It shows what operators have made of it so far,
// also what is not committed. It belongs to the task's goroutine.
type Rows[K, V any] struct {
	get  join.Getter[K, V]
	asOf join.AsOf[K, V]
}

// NewRows returns the rows of a table, of which asOf is nil without versions.
func NewRows[K, V any](get join.Getter[K, V], asOf join.AsOf[K, V]) *Rows[K, V] {
	return &Rows[K, V]{get, asOf}
}

// Get returns the value of a key and its timestamp, and whether there is one; the latest of
// a versioned table. The value must not be changed or kept.
func (s *Rows[K, V]) Get(key K) (value V, timestamp time.Time, ok bool, err error) {
	row, err := s.get(key)
	return row.Value, at(row.Timestamp), row.Found, err
}

// GetAsOf is [Rows.Get] of a versioned table at a time: see [Versioned.GetAsOf]. Of a table
// without versions it is the value that the table has now, unless it is later.
func (s *Rows[K, V]) GetAsOf(key K, when time.Time) (value V, timestamp time.Time, ok bool, err error) {
	if s.asOf == nil {
		value, timestamp, ok, err = s.Get(key)
		return value, timestamp, ok && !timestamp.After(when), err
	}
	row, err := s.asOf(key, when.UnixMilli())
	return row.Value, at(row.Timestamp), row.Found, err
}
