package join

import "time"

// Windows say which records of two streams belong together: those of the right stream
// whose timestamp is at most Before earlier and at most After later than that of the
// record of the left stream. All are in milliseconds.
type Windows struct {
	// Before and After are the largest differences. One of them may be negative, but not
	// their sum.
	Before, After int64
	// Grace is how much later than the end of its window a record may come.
	Grace int64
}

// Retention is how long the stores of a join keep records.
func (w Windows) Retention() time.Duration {
	return time.Duration(w.Before+w.After+w.Grace) * time.Millisecond
}

// seenFrom returns the largest differences from a record of one side to those of the
// other.
func (w Windows) seenFrom(left bool) (before, after int64) {
	if left {
		return w.Before, w.After
	}
	return w.After, w.Before
}
