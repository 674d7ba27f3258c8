package sourcetask

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// slowCommitter fails to keep anything, for want of time.
type slowCommitter struct {
	given []context.Context
	stop  context.CancelFunc // called by flush, unless nil
}

func (*slowCommitter) open(context.Context) error { return nil }
func (*slowCommitter) begin() error               { return nil }
func (*slowCommitter) tick(context.Context) error { return nil }

func (c *slowCommitter) flush(ctx context.Context) error {
	c.given = append(c.given, ctx)
	if c.stop != nil {
		c.stop()
	}
	return errors.New("the broker is away")
}

func (c *slowCommitter) cancel(ctx context.Context) error {
	c.given = append(c.given, ctx)
	return nil
}

// All that a stopping task does shares one graceful time, which began when it
// was told to stop.
func TestStoppingSourceTaskHasOneGracefulTime(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	records, over := graceful(ctx, time.Hour)
	c := &slowCommitter{}
	l := &Life{o: Options{GracefulTimeout: time.Hour, Logger: slog.New(slog.DiscardHandler)}, committer: c,
		delivery: &delivery{records: records}}
	stop()
	if err := l.finish(ctx); err != nil {
		t.Errorf("finish = %v, want nothing that keeps the task from another life", err)
	}
	if len(c.given) != 2 || c.given[0].Err() != nil || c.given[1].Err() != nil {
		t.Fatalf("flush and cancel were given %v, want time", c.given)
	}
	over()
	for i, given := range c.given {
		if given.Err() == nil {
			t.Errorf("call %d goes on when the graceful time is over", i)
		}
	}
}

// A stop in the last moments of a life that failed leaves them their time: what
// is on its way would otherwise come again.
func TestStopDoesNotCutShortWhatAFailedLifeFinishes(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	records, over := graceful(ctx, time.Hour)
	defer over()
	c := &slowCommitter{}
	l := &Life{o: Options{GracefulTimeout: time.Hour, Logger: slog.New(slog.DiscardHandler)}, committer: c,
		delivery: &delivery{records: records}}
	cut := make(chan error, 1)
	c.stop = func() {
		stop()
		cut <- c.given[0].Err()
	}
	if err := l.finish(ctx); err != nil {
		t.Errorf("finish = %v, want nothing that keeps the task from another life", err)
	}
	if err := <-cut; err != nil {
		t.Errorf("the stop ended flush: %v", err)
	}
}

// counted counts the functions that wait for the end of a context.
type counted struct {
	context.Context
	waiting int
}

func (c *counted) AfterFunc(func()) func() bool {
	c.waiting++
	return func() bool {
		c.waiting--
		return true
	}
}

// A task that is restarted for months keeps nothing of its former lives.
func TestLifeThatHasEndedLeavesNothingWithItsTask(t *testing.T) {
	task, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &counted{Context: task}
	for range 3 {
		_, over := graceful(c, time.Hour)
		over()
	}
	if c.waiting != 0 {
		t.Errorf("%d functions wait for the end of the task, want none", c.waiting)
	}
}
