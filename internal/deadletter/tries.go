package deadletter

import (
	"errors"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Tries gives out a letter, and after each refusal of the broker one with less in
// it. It belongs to one goroutine at a time.
type Tries struct {
	letter Letter
	last   *kgo.Record
	limit  int  // of last
	least  bool // nothing more can be cut of last
	now    bool // it has the time of writing
}

// Tries begins with the letter as it fits into limit, which is the largest that the
// client sends. See [Tries.Record].
func (l Letter) Tries(limit int) *Tries {
	t := &Tries{letter: l}
	t.cut(limit)
	return t
}

// Record returns what is to be sent now.
func (t *Tries) Record() *kgo.Record { return t.last }

// Refused makes of the letter what may be written although the broker has refused
// [Tries.Record] with err: one of half the size, one with the time of writing, or
// one with a key, as err says. It returns false when nothing can be changed that err
// is about; then the letter cannot be written.
func (t *Tries) Refused(err error) bool {
	switch {
	case errors.Is(err, kerr.MessageTooLarge), errors.Is(err, kerr.RecordListTooLarge):
		return t.smaller()
	case errors.Is(err, kerr.InvalidTimestamp):
		return t.stampNow()
	case errors.Is(err, kerr.InvalidRecord):
		return t.giveKey()
	}
	return false
}

func (t *Tries) smaller() bool {
	if t.least {
		return false
	}
	t.cut(min(t.limit, Size(t.last)) / 2)
	return true
}

func (t *Tries) cut(limit int) {
	var fits bool
	t.last, fits = t.letter.Fit(limit)
	t.limit, t.least = limit, !fits
}

// stampNow leaves the time to the client, and the record's own to a header: a topic
// may refuse times that are too far from now.
func (t *Tries) stampNow() bool {
	if t.now {
		return false
	}
	t.now = true
	r := *t.letter.Record
	was := strconv.FormatInt(r.Timestamp.UnixMilli(), 10)
	r.Timestamp = time.Time{}
	t.amend(&r, "timestamp", was)
	return true
}

// giveKey makes a key of the coordinates, as a topic that is compacted takes no
// record without one.
func (t *Tries) giveKey() bool {
	if t.letter.Record.Key != nil {
		return false
	}
	r := *t.letter.Record
	r.Key = []byte{}
	for _, h := range r.Headers[t.letter.Own:min(t.letter.Own+coordinates, len(r.Headers))] {
		if len(r.Key) > 0 {
			r.Key = append(r.Key, ' ')
		}
		r.Key = append(r.Key, h.Value[:min(len(h.Value), headerKept)]...)
	}
	t.amend(&r, "key", "null")
	return true
}

// amend puts r, which gets a header that says what was changed, in the place of the
// letter's record.
func (t *Tries) amend(r *kgo.Record, name, was string) {
	r.Headers = append(r.Headers[:len(r.Headers):len(r.Headers)],
		kgo.RecordHeader{Key: t.letter.Prefix + name + ".changed.from", Value: []byte(was)})
	t.letter.Record = r
	t.cut(t.limit)
}
