package deadletter

import (
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What is kept of the parts of a letter while the rest is cut.
const (
	stackKept    = 1 << 10
	messageKept  = 512
	detailKept   = 1 << 10
	headerKept   = 256
	smallestKept = 128 // of a detail, once only coordinates are left
	coordinates  = 3   // headers that are never left out
)

// Letter is a dead letter before it is cut. It is not changed.
type Letter struct {
	// Record is the whole letter: key, value and headers of the bad record, and behind
	// these the headers that say what was wrong and where, the coordinates first.
	Record *kgo.Record
	// Own is how many of the headers, from the first on, are the bad record's.
	Own int
	// Prefix begins the names of the headers behind them, and of those that say what was
	// cut, for instance "__connect.errors.".
	Prefix string
	// Message and Stack are the names, without the prefix, of the headers with the reason
	// and its stack trace. "" when there is none.
	Message, Stack string
}

// Fit returns the letter cut so that [Size] is at most limit, and the record itself
// when it is so already. When nothing is left to be cut it returns the smallest
// letter and false.
func (l Letter) Fit(limit int) (r *kgo.Record, fits bool) {
	size := Size(l.Record)
	if size <= limit {
		return l.Record, true
	}
	c := newCutter(l, size, limit)
	for _, step := range []func(){
		func() { c.detail(l.Stack, stackKept) },
		func() { c.detail(l.Message, messageKept) },
		func() { c.details(detailKept) },
		c.cutOwn, c.dropOwn,
		func() { c.value = c.bytes("value", c.value, 0) },
		func() { c.key = c.bytes("key", c.key, 0) },
		func() { c.detail(l.Stack, 0) },
		func() { c.details(smallestKept) },
		c.dropDetails, c.bare,
	} {
		if step(); c.size <= limit {
			break
		}
	}
	return c.record(), c.size <= limit
}

// cutter cuts one letter. Its size is kept up to date, or too large by the bytes of
// a length that became shorter.
type cutter struct {
	letter      Letter
	size, limit int
	key, value  []byte
	own, more   []kgo.RecordHeader
	notes       []kgo.RecordHeader // what was cut
	noted       map[string]bool
}

func newCutter(l Letter, size, limit int) *cutter {
	return &cutter{letter: l, size: size, limit: limit, key: l.Record.Key, value: l.Record.Value,
		own: slices.Clone(l.Record.Headers[:l.Own]), more: slices.Clone(l.Record.Headers[l.Own:]), noted: map[string]bool{}}
}

// note makes a header that says how large something was before it was cut.
func (c *cutter) note(name string, n int) {
	if c.noted[name] {
		return
	}
	h := kgo.RecordHeader{Key: c.letter.Prefix + name, Value: strconv.AppendInt(nil, int64(n), 10)}
	c.noted[name] = true
	c.notes = append(c.notes, h)
	c.size += headerSize(h) + 2 // the number of headers may need more bytes
}

// bytes cuts b to what fits, but keeps the first ones. What is hardly longer than
// the header that says so stays.
func (c *cutter) bytes(name string, b []byte, keep int) []byte {
	over := c.size - c.limit
	if over <= 0 || len(b)-keep <= len(c.letter.Prefix)+len(name)+40 {
		return b
	}
	c.note(name+".truncated.from", len(b))
	keep = max(keep, len(b)-(c.size-c.limit))
	c.size -= len(b) - keep
	return b[:keep:keep]
}

// detail cuts the value of the header behind the record's own that has the name.
func (c *cutter) detail(name string, keep int) {
	for i := range c.more {
		if h := &c.more[i]; name != "" && h.Key == c.letter.Prefix+name {
			h.Value = c.text(name, h.Value, keep)
			return
		}
	}
}

// details cuts the values of all headers behind the record's own.
func (c *cutter) details(keep int) {
	for i := range c.more {
		h := &c.more[i]
		h.Value = c.text(strings.TrimPrefix(h.Key, c.letter.Prefix), h.Value, keep)
	}
}

// text is bytes for a text, which stays valid.
func (c *cutter) text(name string, b []byte, keep int) []byte {
	if out := c.bytes(name, b, keep); len(out) < len(b) {
		return []byte(strings.ToValidUTF8(string(out), ""))
	}
	return b
}

// cutOwn cuts the values of the record's own headers, the largest first.
func (c *cutter) cutOwn() {
	for _, i := range c.largest() {
		h := &c.own[i]
		if c.size <= c.limit || len(h.Value) <= headerKept {
			return
		}
		c.noteOwn()
		c.size -= len(h.Value) - headerKept
		h.Value = h.Value[:headerKept:headerKept]
	}
}

// dropOwn leaves out the record's own headers, the largest first.
func (c *cutter) dropOwn() {
	gone := map[int]bool{}
	for _, i := range c.largest() {
		if c.size <= c.limit {
			break
		}
		c.noteOwn()
		c.size -= headerSize(c.own[i])
		gone[i] = true
	}
	if len(gone) == 0 {
		return
	}
	var kept []kgo.RecordHeader
	for i, h := range c.own {
		if !gone[i] {
			kept = append(kept, h)
		}
	}
	c.own = kept
	c.note("headers.removed", len(gone))
}

func (c *cutter) noteOwn() {
	if c.noted["headers.truncated.from"] {
		return
	}
	n := 0
	for _, h := range c.letter.Record.Headers[:c.letter.Own] {
		n += len(h.Key) + len(h.Value)
	}
	c.note("headers.truncated.from", n)
}

// largest returns the record's own headers, the one with the largest value first.
func (c *cutter) largest() []int {
	order := make([]int, len(c.own))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return headerSize(c.own[b]) - headerSize(c.own[a]) })
	return order
}

// dropDetails leaves out what says where the record failed, the last first, down to
// the coordinates.
func (c *cutter) dropDetails() {
	for c.size > c.limit && len(c.more) > coordinates {
		last := len(c.more) - 1
		c.size -= headerSize(c.more[last])
		c.more = c.more[:last]
	}
}

// bare leaves nothing but the coordinates.
func (c *cutter) bare() {
	c.key, c.value, c.notes = c.key[:0], c.value[:0], nil
	c.size = Size(c.record())
}

func (c *cutter) record() *kgo.Record {
	r := c.letter.Record
	return &kgo.Record{Topic: r.Topic, Partition: r.Partition, Timestamp: r.Timestamp, Key: c.key, Value: c.value,
		Headers: slices.Concat(c.own, c.more, c.notes)}
}
