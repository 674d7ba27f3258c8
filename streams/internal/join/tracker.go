package join

import (
	"math"

	"github.com/suiro/suiro/stores"
)

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
	// earliest decides when the next look for closed windows is worth it; [never] is when
	// nothing waits. As in Kafka Streams it may be later than the record that waits first.
	earliest int64
	// first is a time before which nothing waits.
	first int64
}

// never is a time that does not come.
const never = math.MaxInt64

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

// waits notes that a record waits.
func (t *tracker) waits(at int64) {
	t.earliest, t.first = min(t.earliest, at), min(t.first, at)
}

// due reports whether there may be records whose window has closed: when the stream time
// has passed the earliest one by more than after.
func (t *tracker) due(after int64) bool { return t.earliest != never && t.earliest+after < t.stream }
