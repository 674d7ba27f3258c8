// Package place looks for honest records where they have to arrive: in topics, files,
// an index of Elasticsearch, files of HDFS and the counts of an app. Each place is read
// on from where it was read last, so that looking again costs little.
package place

import (
	"context"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
)

// Place is where the records of a lane have to arrive. One goroutine uses it.
type Place interface {
	// Name is what it is called in messages.
	Name() string
	// Look reads what has come since the last call. An error says that the place
	// cannot be read; the next call tries again.
	Look(ctx context.Context) error
	// Arrived is as of the last Look: the records below it have all arrived.
	Arrived() int
	// Wrong is as of the last Look: what differs from the records that were fed, once
	// each; nil when nothing does.
	Wrong() error
}

// tallied is the part of a place that counts by id.
type tallied struct {
	name string
	*honest.Tally
}

// Name implements [Place].
func (t tallied) Name() string { return t.name }
