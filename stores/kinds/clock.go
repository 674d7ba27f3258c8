package kinds

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/suiro/suiro/stores"
)

// noTime is the time of a store that nothing was put into.
const noTime = math.MinInt64

// clock is the time of a store, and the sequence of the last duplicate. It is kept in
// the DB under a key of its own.
//
//	key    localPrefix | "t"
//	value  8 bytes time | 4 bytes sequence | 8 bytes beyond, when it is later than the time
type clock struct {
	key      []byte
	now      int64
	sequence int32
	beyond   int64  // the largest time of an entry that was not believed when it was restored
	stored   []byte // what the DB has, nil for nothing
}

const (
	clockLen  = 12
	beyondLen = clockLen + 8
)

func loadClock(source stores.Source, s Spec) (*clock, error) {
	c := &clock{key: s.clockKey(), now: noTime, beyond: noTime}
	value, err := source.Get(c.key)
	if err != nil {
		return nil, fmt.Errorf("read the time of store %s: %w", s.Name, err)
	}
	if len(value) == clockLen || len(value) == beyondLen {
		c.stored = bytes.Clone(value)
		c.back()
	}
	return c, nil
}

// advance moves the time on to t, unless it is there.
func (c *clock) advance(t int64) { c.now = max(c.now, t) }

// last returns a time after which the store has nothing.
func (c *clock) last() int64 { return max(c.now, c.beyond) }

// sequences is how many sequences there are before they begin again.
const sequences = 1 << 31

// next returns the sequence of the next duplicate.
func (c *clock) next() int32 {
	c.sequence = (c.sequence + 1) & (sequences - 1)
	return c.sequence
}

// follow sets the sequence to one that was read, unless it comes earlier: the records of
// a commit are in no order of theirs.
func (c *clock) follow(sequence int32) {
	if ahead := (sequence - c.sequence) & (sequences - 1); ahead < sequences/2 {
		c.sequence = sequence
	}
}

// back sets the clock to what the DB has.
func (c *clock) back() {
	c.now, c.sequence, c.beyond = noTime, 0, noTime
	if c.stored == nil {
		return
	}
	c.now = int64(binary.BigEndian.Uint64(c.stored))
	c.sequence = int32(binary.BigEndian.Uint32(c.stored[8:]))
	if len(c.stored) == beyondLen {
		c.beyond = int64(binary.BigEndian.Uint64(c.stored[clockLen:]))
	}
}

// value is what the DB should have, nil for nothing.
func (c *clock) value() []byte {
	if c.now == noTime && c.beyond == noTime {
		return nil
	}
	value := binary.BigEndian.AppendUint64(make([]byte, 0, beyondLen), uint64(c.now))
	value = binary.BigEndian.AppendUint32(value, uint32(c.sequence))
	if c.beyond > c.now {
		value = binary.BigEndian.AppendUint64(value, uint64(c.beyond))
	}
	return value
}

// write adds the clock to b if it has moved.
func (c *clock) write(b *stores.Batch, prefix []byte) {
	if value := c.value(); value != nil && !bytes.Equal(value, c.stored) {
		b.Put(append(append([]byte(nil), prefix...), c.key...), value)
	}
}

// keep notes that what write has added is in the DB.
func (c *clock) keep() {
	if value := c.value(); value != nil {
		c.stored = value
	}
}

// since is the earliest time that is kept: what is before has expired.
func since(now, retention int64) int64 {
	if now < math.MinInt64+retention {
		return math.MinInt64
	}
	return now - retention + 1
}

// read returns the time, for a reader that belongs to the task.
func (c *clock) read() (int64, error) { return c.now, nil }

// committedTime returns a function that reads a store's time from what is committed.
func committedTime(source stores.Source, s Spec) func() (int64, error) {
	return func() (int64, error) {
		c, err := loadClock(source, s)
		if err != nil {
			return noTime, err
		}
		return c.now, nil
	}
}
