// Package honest makes the records that have to arrive while others attack, and counts
// them where they arrive. Each carries an id that nobody can guess, so that it is found
// in whatever form it arrives: in a JSON document, an Avro datum or a line of text.
package honest

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
)

// digits is the length of the number of an id.
const digits = 9

// Lane is a way that honest records take: its ids are the numbers from 0 in the order in
// which they were fed. It is safe for concurrent use.
type Lane struct {
	// Name is what it is called in messages.
	Name string

	prefix string
	mu     sync.Mutex // guards fed
	fed    int
}

// NewLane returns a lane whose ids begin with secret, a word that hostile records do not
// have, and name.
func NewLane(secret, name string) *Lane {
	return &Lane{Name: name, prefix: secret + "-" + name + "-"}
}

// Next returns the id of the next record. Feed says that it was fed.
func (l *Lane) Next(after int) string {
	return l.prefix + fmt.Sprintf("%0*d", digits, l.Fed()+after)
}

// Feed says that the next n records were fed.
func (l *Lane) Feed(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fed += n
}

// Fed returns how many records were fed.
func (l *Lane) Fed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fed
}

// Tally counts the ids of a lane in one place. It is safe for concurrent use.
type Tally struct {
	lane *Lane

	mu    sync.Mutex // guards the rest
	times []int      // by number
	whole int        // the numbers below it have all arrived
}

// NewTally returns a tally that has seen nothing.
func NewTally(l *Lane) *Tally { return &Tally{lane: l} }

// Longest is the number of bytes of an id: text that is scanned in pieces overlaps by one
// less.
func (t *Tally) Longest() int { return len(t.lane.prefix) + digits }

// Scan counts the ids in b.
func (t *Tally) Scan(b []byte) {
	prefix := []byte(t.lane.prefix)
	for {
		at := bytes.Index(b, prefix)
		if at < 0 || len(b) < at+t.Longest() {
			return
		}
		end := at + t.Longest()
		if n, err := strconv.Atoi(string(b[at+len(prefix) : end])); err == nil && n >= 0 {
			t.count(n)
		}
		b = b[end:]
	}
}

func (t *Tally) count(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.times) <= n {
		t.times = append(t.times, 0)
	}
	t.times[n]++
	for t.whole < len(t.times) && t.times[t.whole] > 0 {
		t.whole++
	}
}

// Arrived returns n when the records 0 to n-1 have arrived, and not n.
func (t *Tally) Arrived() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.whole
}

// Any reports whether any id was seen, and which first.
func (t *Tally) Any() (id string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for n, times := range t.times {
		if times > 0 {
			return fmt.Sprintf("%s%0*d", t.lane.prefix, digits, n), true
		}
	}
	return "", false
}

// Wrong returns what differs from the records that were fed, once each; nil when nothing
// does.
func (t *Tally) Wrong() error {
	fed := t.lane.Fed()
	t.mu.Lock()
	defer t.mu.Unlock()
	var missing, twice, never int
	first := map[string]int{}
	note := func(kind string, n int, count *int) {
		if *count == 0 {
			first[kind] = n
		}
		*count++
	}
	for n := range max(fed, len(t.times)) {
		switch {
		case n >= len(t.times) || n < fed && t.times[n] == 0:
			note("missing", n, &missing)
		case n >= fed && t.times[n] > 0:
			note("never fed", n, &never)
		case t.times[n] > 1:
			note("twice", n, &twice)
		}
	}
	if missing+twice+never == 0 {
		return nil
	}
	return fmt.Errorf("of %d honest records of the lane %s, %d are missing, %d are there more than once, %d were never "+
		"fed; the first of each: %v", fed, t.lane.Name, missing, twice, never, first)
}
