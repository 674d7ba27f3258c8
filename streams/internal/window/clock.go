package window

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/topology"
)

// noTime is the time of a node that no record came to; far enough from the end to
// subtract from.
const noTime = math.MinInt64 / 4

// clock is the time of one node, kept in the DB beside its store.
//
//	key    the store's name after a zero byte | "n" | name of the node
//	value  8 bytes time | 8 bytes until when closed windows were forwarded
type clock struct {
	moment
	key       []byte
	committed moment
	stored    moment // what the DB has
	say       func(closed int64)
}

type moment struct {
	now int64 // the largest timestamp
	// closed is the time until which windows that had closed were forwarded.
	closed int64
	next   int64 // the time of the clock before which none are looked for
}

const clockLen = 16

var _ stores.Attachment = (*clock)(nil)

// openClock reads the time of a node. The time of its store is what a changelog has of it:
// a task that has moved begins there, also one that was here before. Until when closed
// windows were forwarded is committed with the offsets, too, under the name of the store as
// in Kafka Streams.
func openClock(ctx Context, store, node string, storeTime int64) (*clock, error) {
	o := ctx.Overlay()
	c := &clock{say: func(closed int64) { ctx.SetProcessorMetadata(store, closed) },
		key: append(stores.Key(nil, "\x00"+store, []byte("n")), node...)}
	value, err := o.Get(c.key)
	if err != nil {
		return nil, fmt.Errorf("read the time of node %s: %w", node, err)
	}
	c.moment = moment{now: max(storeTime, noTime), closed: noTime}
	if len(value) == clockLen {
		c.stored = moment{now: int64(binary.BigEndian.Uint64(value)), closed: int64(binary.BigEndian.Uint64(value[8:]))}
		c.now, c.closed = max(c.stored.now, c.now), c.stored.closed
	}
	if at, ok := ctx.ProcessorMetadata(store); ok {
		c.closed = max(c.closed, at)
	}
	c.committed = c.moment
	o.Attach(c)
	return c, nil
}

// close notes that the windows are forwarded that have closed until a time.
func (c *clock) close(at int64) {
	c.closed = at
	c.say(at)
}

// CommitTo implements [stores.Attachment].
func (c *clock) CommitTo(b *stores.Batch, prefix []byte) {
	if c.now == noTime || c.now == c.stored.now && c.closed == c.stored.closed {
		return
	}
	value := binary.BigEndian.AppendUint64(make([]byte, 0, clockLen), uint64(c.now))
	value = binary.BigEndian.AppendUint64(value, uint64(c.closed))
	b.Put(append(append([]byte(nil), prefix...), c.key...), value)
}

// Clear implements [stores.Attachment].
func (c *clock) Clear(committed bool) {
	if committed {
		c.committed, c.stored = c.moment, c.moment
		return
	}
	c.moment = c.committed
}

// due reports whether windows that close by a time are to be looked for now: once in a
// while by the clock, and when the time has passed by more than slack what was looked at.
func (c *clock) due(closeTime int64, now time.Time, interval time.Duration, slack int64) bool {
	ms := now.UnixMilli()
	if ms < c.next && (c.closed == noTime || closeTime-c.closed < slack) {
		return false
	}
	c.next = ms + interval.Milliseconds()
	return c.closed == noTime || c.closed < closeTime
}

// errLate is the reason of a dead letter.
var errLate = errors.New("the record is late: the windows that it belongs to have closed")

func late(at, closeTime int64) error {
	return &topology.Rejection{Stage: topology.Processing, Err: fmt.Errorf("%w: its time is %s, and windows are closed "+
		"up to %s", errLate, atMilli(at).Format(time.RFC3339Nano), atMilli(closeTime).Format(time.RFC3339Nano))}
}
