package task

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/topology"
)

const (
	// rejectionSummary is how often the rejected records of a kind are summed up.
	rejectionSummary = time.Minute
	// rejectionKinds is how many kinds are told apart for one stage and topic. Those
	// that come later count as one.
	rejectionKinds = 20
)

// Rejections log what is rejected: the first record of each kind at once, and those
// that follow as a number, each minute at most. It is safe for concurrent use. Those
// of a nil Rejections are not logged.
type Rejections struct {
	log *slog.Logger

	mu    sync.Mutex
	kinds map[rejectionKind]*rejected
	count map[rejectionKind]int // kinds of a stage and topic, by a kind without text
}

// rejectionKind is what records have in common that are rejected for one reason.
type rejectionKind struct{ stage, topic, text string }

// rejected is what has come of a kind since its last line in the log.
type rejected struct {
	since  time.Time
	more   int
	last   string // the place of the last record
	reason string // its reason
}

// NewRejections returns a Rejections that logs to log.
func NewRejections(log *slog.Logger) *Rejections {
	return &Rejections{log: log, kinds: map[rejectionKind]*rejected{}, count: map[rejectionKind]int{}}
}

func (x *Rejections) add(r *kgo.Record, why *topology.Rejection) {
	if x == nil {
		return
	}
	place := fmt.Sprintf("%s-%d@%d", r.Topic, r.Partition, r.Offset)
	x.mu.Lock()
	defer x.mu.Unlock()
	k := x.kind(r.Topic, why)
	s := x.kinds[k]
	if s == nil {
		x.kinds[k] = &rejected{since: time.Now()}
		x.log.Warn("a record is rejected and goes to the dead letters; more of this kind are counted", "stage", why.Stage,
			"record", place, "reason", truncate(why.Err.Error(), 512))
		return
	}
	s.more, s.last, s.reason = s.more+1, place, truncate(why.Err.Error(), 512)
	if time.Since(s.since) >= rejectionSummary {
		x.summarize(k, s)
	}
}

// kind finds the kind of a rejection. It begins with what a reason says in words: of
// records with other numbers and texts it is the same.
func (x *Rejections) kind(topic string, why *topology.Rejection) rejectionKind {
	k := rejectionKind{why.Stage, topic, words(why.Err.Error())}
	if x.kinds[k] != nil {
		return k
	}
	all := rejectionKind{stage: why.Stage, topic: topic}
	if x.count[all] >= rejectionKinds {
		return all
	}
	x.count[all]++
	return k
}

// words returns text without digits and without what stands in quotation marks.
func words(text string) string {
	var b strings.Builder
	quoted := false
	for _, c := range text {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted && (c < '0' || c > '9') {
			b.WriteRune(c)
		}
		if b.Len() > 200 {
			break
		}
	}
	return b.String()
}

// Flush logs what has been counted for a minute, or all of it.
func (x *Rejections) Flush(all bool) {
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for k, s := range x.kinds {
		if s.more > 0 && (all || time.Since(s.since) >= rejectionSummary) {
			x.summarize(k, s)
		}
	}
}

// summarize logs a kind. x.mu is held.
func (x *Rejections) summarize(k rejectionKind, s *rejected) {
	x.log.Warn("more records were rejected", "stage", k.stage, "topic", k.topic, "count", s.more,
		"within", time.Since(s.since).Round(time.Second), "last", s.last, "reason", s.reason)
	s.since, s.more = time.Now(), 0
}
