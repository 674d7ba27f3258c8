package kafka

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/batches"
)

// reportedWithin is how long a refused batch may take to be reported by a poll.
const reportedWithin = 2 * time.Second

// Stops finds out that a client of a group has stopped a partition at a batch that is too
// large and will not report it. The client keeps the report with what it has fetched, and
// drops both when it is told to go on elsewhere ([Batch.Skip] is enough), when a partition
// is paused, and at a rebalance; the partition stays stopped. The goroutine that polls
// uses a Stops; a nil one has nothing to say.
type Stops struct {
	client  *kgo.Client
	limiter *batches.Limiter // nil: the client refuses nothing
	known   int64            // refusals that are settled
	since   time.Time        // when others were noticed
}

// NewStops returns the Stops of a client that has not polled yet.
func NewStops(cl *kgo.Client) *Stops {
	l, _ := cl.OptValue(kgo.WithDecompressor).(*batches.Limiter)
	s := &Stops{client: cl, limiter: l}
	s.settle()
	return s
}

func (s *Stops) settle() {
	s.since = time.Time{}
	if s.limiter != nil {
		s.known = s.limiter.Refused()
	}
}

// Skipped notes that a batch that was reported is skipped. A report may still come of one that
// Forgotten has settled, and must not count for the next one.
func (s *Stops) Skipped() {
	if s != nil && s.limiter != nil {
		s.known = min(s.known+1, s.limiter.Refused())
	}
}

// Forgotten reports whether some batch was refused a while ago and is not skipped, so that
// [Stops.Resume] has to be called. It answers yes once.
func (s *Stops) Forgotten() bool {
	switch {
	case s == nil || s.limiter == nil:
	case s.limiter.Refused() <= s.known:
		s.since = time.Time{}
	case s.since.IsZero():
		s.since = time.Now()
	case time.Since(s.since) > reportedWithin:
		s.settle()
		return true
	}
	return false
}

// Resume makes the client fetch partitions from where they stand, whether they were
// stopped or not, and so report again what it refuses. at are the positions of what was
// polled and, in a client that commits by itself, committed. It is called between two
// polls, while no rebalance can happen.
func (s *Stops) Resume(at map[string]map[int32]kgo.EpochOffset) {
	aside := map[string]map[int32]kgo.EpochOffset{}
	for topic, partitions := range at {
		aside[topic] = map[int32]kgo.EpochOffset{}
		for p, o := range partitions {
			if o.Offset < 0 {
				delete(partitions, p)
				continue
			}
			aside[topic][p] = kgo.EpochOffset{Epoch: -1, Offset: o.Offset + 1} // its epoch may end at o
		}
	}
	s.client.SetOffsets(aside) // the client leaves a partition alone that is there already
	s.client.SetOffsets(at)
}
