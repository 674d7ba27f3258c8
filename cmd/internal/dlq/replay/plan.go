package replay

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/cmd/internal/dlq/letter"
	"github.com/suiro/suiro/cmd/internal/dlq/reader"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Choice says which letters are put back, and where to.
type Choice struct {
	// Filter and Range choose letters.
	Filter letter.Filter
	Range  reader.Range
	// To is the topic to write to, "" for that where each record came from.
	To string
	// Limit is how many letters are put back at most, 0 for any number.
	Limit int64
	// MaxReplays is how often a record is put back at most, 0 for any number.
	MaxReplays int
}

// verdict is what becomes of a letter.
type verdict int

const (
	putBack verdict = iota
	before          // it was put back before
	leftOut         // by the filter
	stuck           // it cannot be put back
)

// judge decides about a letter. why is said of one that is stuck.
func (c *Choice) judge(m *Memory, l *letter.Letter) (v verdict, why string) {
	r := l.Record
	switch obstacle := l.Obstacle(c.To != ""); {
	case m.Has(r.Offset):
		return before, ""
	case !c.Range.Has(r.Partition, r.Offset) || !c.Filter.Match(l):
		return leftOut, ""
	case obstacle != "":
		return stuck, obstacle
	case c.MaxReplays > 0 && l.Replays >= c.MaxReplays:
		return stuck, fmt.Sprintf("the record has failed again after %d replays: mend its cause, or raise --max-replays",
			l.Replays)
	}
	return putBack, ""
}

// Plan is what a replay will do, or has done.
type Plan struct {
	// Topic is that of the letters, Group remembers which were put back.
	Topic string `json:"topic"`
	Group string `json:"group"`
	// Done is that it has been done.
	Done bool `json:"done"`
	// Targets are the topics to write to.
	Targets []*Target `json:"targets"`
	// Letters is how many are put back, in all.
	Letters int64 `json:"letters"`
	// Before is how many were put back before, by this group.
	Before int64 `json:"before"`
	// LeftOut is how many are left out as the filters say.
	LeftOut int64 `json:"leftOut"`
	// Stuck are those that cannot be put back, by the reason.
	Stuck []*Stuck `json:"stuck"`
	// Again is how many of the letters are of records that had been put back before and
	// failed again, and MostReplays how often this has happened to one of them.
	Again       int64 `json:"again"`
	MostReplays int   `json:"mostReplays"`
	// Forgotten is that the group remembers nothing of the topic.
	Forgotten bool `json:"forgotten"`
}

// Target is a topic to write to.
type Target struct {
	// Topic is its name.
	Topic string `json:"topic"`
	// Letters is how many go there.
	Letters int64 `json:"letters"`
	// First and Last are the earliest and latest times of their records.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Stuck are letters that cannot be put back.
type Stuck struct {
	// Reason says why and what to do.
	Reason string `json:"reason"`
	// Letters is how many there are.
	Letters int64 `json:"letters"`
	// Example is one of them, partition@offset.
	Example string `json:"example"`
}

// add counts a letter.
func (p *Plan) add(v verdict, why string, l *letter.Letter, r *kgo.Record) {
	switch v {
	case before:
		p.Before++
	case leftOut:
		p.LeftOut++
	case stuck:
		s := p.stuck(why)
		s.Letters++
		if s.Example == "" {
			s.Example = At(l.Record)
		}
	case putBack:
		p.Letters++
		t := p.target(r.Topic)
		t.Letters++
		if at := r.Timestamp; t.Letters == 1 || at.Before(t.First) {
			t.First = at
		}
		if at := r.Timestamp; t.Letters == 1 || at.After(t.Last) {
			t.Last = at
		}
		if l.Replays > 0 {
			p.Again++
			p.MostReplays = max(p.MostReplays, l.Replays)
		}
	}
}

func (p *Plan) target(topic string) *Target {
	for _, t := range p.Targets {
		if t.Topic == topic {
			return t
		}
	}
	p.Targets = append(p.Targets, &Target{Topic: topic})
	return p.Targets[len(p.Targets)-1]
}

func (p *Plan) stuck(why string) *Stuck {
	for _, s := range p.Stuck {
		if s.Reason == why {
			return s
		}
	}
	p.Stuck = append(p.Stuck, &Stuck{Reason: why})
	return p.Stuck[len(p.Stuck)-1]
}

// At names a record by partition and offset.
func At(r *kgo.Record) string { return fmt.Sprintf("%d@%d", r.Partition, r.Offset) }
