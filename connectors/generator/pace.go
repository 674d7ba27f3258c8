package generator

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/suiro/suiro/internal/backoff"
)

// pace says when records are due.
type pace struct {
	pause func() time.Duration // before a record
	due   time.Time            // the next record
}

// newPace returns the pace of a task with so many of the sequences.
func newPace(s settings, own int) *pace {
	p := &pace{pause: func() time.Duration { return 0 }}
	switch {
	case s.Rate > 0:
		every := time.Duration(float64(time.Second) / s.Rate * sequences / float64(own))
		p.pause = func() time.Duration { return every }
	case s.MaxInterval > 0:
		longest := time.Duration(min(s.MaxInterval, 1<<40)) * time.Millisecond
		p.pause = func() time.Duration { return rand.N(longest) }
	}
	p.due = time.Now().Add(p.pause())
	return p
}

// wait waits until a record is due, for at most a second or until ctx is done, and returns how many
// are due, at most most of them. What could not be made for more than a second, because Kafka was
// slow, is not made up for.
func (p *pace) wait(ctx context.Context, most int) (n int) {
	if behind := time.Now().Add(-time.Second); p.due.Before(behind) {
		p.due = behind
	}
	if backoff.Sleep(ctx, min(time.Until(p.due), time.Second)) != nil {
		return 0 // told to stop
	}
	for now := time.Now(); n < most && !p.due.After(now); n++ {
		p.due = p.due.Add(p.pause())
	}
	return n
}
