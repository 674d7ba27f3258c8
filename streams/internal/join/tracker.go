package join

import (
	"math"

	"github.com/suiro/suiro/stores"
)

// emitInterval is how many milliseconds of the clock there are at least between two
// looks for records whose window has closed, as in Kafka Streams.
const emitInterval = 1000

// noTime is the stream time before the first record.
const noTime = math.MinInt64 / 4

// tracker is the time of both sides of a join, and when to look for records whose window
// has closed. An abort sets it back.
type tracker struct {
	moment
	committed moment
	begun     bool // the times are known
}

type moment struct {
	// stream is the largest timestamp of both sides.
	stream int64
	// earliest is the timestamp of the earliest record that waits, as far as is known;
	// math.MaxInt64 is none.
	earliest int64
	// next is the time of the clock before which nothing is looked for.
	next int64
}

var _ stores.Attachment = (*tracker)(nil)

// CommitTo implements [stores.Attachment]. The times are those of the stores, and need not
// be kept.
func (t *tracker) CommitTo(*stores.Batch, []byte) {}

// Clear implements [stores.Attachment].
func (t *tracker) Clear(committed bool) {
	if committed {
		t.committed = t.moment
		return
	}
	t.moment = t.committed
}

// due reports whether there may be records whose window has closed, and takes it as looked
// for. before is by how much the stream time must have passed the earliest record, now
// the time of the clock in milliseconds.
func (t *tracker) due(before, now int64) bool {
	// Where nothing waits Kafka Streams adds to the largest number there is, which gives
	// a negative one: it looks, finds nothing, and does not look again for an interval.
	if t.earliest+before >= t.stream || now < t.next {
		return false
	}
	t.next = now + emitInterval
	t.earliest = math.MaxInt64
	return true
}
