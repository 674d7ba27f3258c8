package pipeline

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/plan"
)

// rejectionsInterval is how often it is said that there were more bad records of a
// kind.
const rejectionsInterval = time.Minute

// rejections say what is rejected: the first record of each kind in a line of its
// own, and how many more there were now and then. They are safe for concurrent use.
type rejections struct {
	logger *slog.Logger
	to     string // where bad records go

	mu    sync.Mutex // guards kinds
	kinds map[kind]*count
}

func newRejections(p *plan.Connector, logger *slog.Logger) *rejections {
	to := "nowhere, as there is no dead-letter queue"
	if p.DeadLetters != nil {
		to = "topic " + p.DeadLetters.Topic
	}
	return &rejections{logger: logger, to: to, kinds: map[kind]*count{}}
}

// kind is what bad records have in common.
type kind struct {
	stage Stage
	class string // of the converter, transform or task that failed
	err   string // the class of the error
}

// count is how many records of a kind were not told of yet.
type count struct {
	more  int
	last  string // the record that came last
	timer *time.Timer
}

// tell notes a bad record.
func (r *rejections) tell(origin string, stage Stage, class string, reason error) {
	k := kind{stage, class, fmt.Sprintf("%T", rootOf(reason))}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.kinds[k]
	if c == nil {
		r.kinds[k] = &count{}
		r.logger.Warn("bad record, the first of its kind", "record", strings.TrimPrefix(origin, "record "),
			"stage", stage.String(), "class", class, "to", r.to, "error", fmt.Sprint(reason, stackOf(reason)))
		return
	}
	c.more, c.last = c.more+1, origin
	if c.timer == nil {
		c.timer = time.AfterFunc(rejectionsInterval, func() { r.more(k) })
	}
}

// more says how many there were of a kind.
func (r *rejections) more(k kind) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.kinds[k]
	if c.timer == nil {
		return
	}
	c.timer.Stop()
	r.logger.Warn("more bad records of a kind", "records", c.more, "last", strings.TrimPrefix(c.last, "record "),
		"stage", k.stage.String(), "class", k.class, "to", r.to)
	c.more, c.timer = 0, nil
}

// end says what was not said yet.
func (r *rejections) end() {
	r.mu.Lock()
	var left []kind
	for k := range r.kinds {
		left = append(left, k)
	}
	r.mu.Unlock()
	for _, k := range left {
		r.more(k)
	}
}

// rootOf returns the innermost cause.
func rootOf(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
