package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/twmb/franz-go/pkg/kerr"
)

func TestFailuresHaveClasses(t *testing.T) {
	bad := &lives.RecordError{Text: "record lines-0@7", Reason: errors.New("no JSON")}
	for _, c := range []struct {
		err  error
		want lives.Class
	}{
		{errors.New("connection refused"), lives.Passing},
		{kerr.NotLeaderForPartition, lives.Passing},
		{fmt.Errorf("write: %w", kerr.TopicAuthorizationFailed), lives.Denied},
		{fmt.Errorf("log in: %w", connect.Denied(errors.New("401"))), lives.Denied},
		{fmt.Errorf("make the folder: %w", fmt.Errorf("%w for user me", fs.ErrPermission)), lives.Denied},
		{fmt.Errorf("poll: %w", bad), lives.Record},
		{&lives.RecordError{Reason: connect.Retriable(errors.New("the registry is away"))}, lives.Passing},
		{fmt.Errorf("start: %w", config.Errors{{Key: "file"}}), lives.Hopeless},
		{lives.Fatal(kerr.TopicAuthorizationFailed), lives.Hopeless},
	} {
		if got := lives.ClassOf(c.err); got != c.want {
			t.Errorf("the class of %v is %v, want %v", c.err, got, c.want)
		}
	}
}

func TestRestartsDependOnTheClassOfFailures(t *testing.T) {
	newRestarts := func() *restarts {
		return &restarts{Restarts: plan.Restarts{Delay: time.Second, DelayMax: time.Minute, Max: -1, RecordMax: 3}}
	}
	r := newRestarts()
	for i := range 3 {
		if wait, ok := r.next(lives.Record, time.Second); !ok || wait > 4*time.Second {
			t.Errorf("restart %d at a record = %v, %t, want one soon", i, wait, ok)
		}
	}
	if _, ok := r.next(lives.Record, time.Second); ok {
		t.Error("a fourth restart at a record, want none")
	}
	if _, ok := r.next(lives.Record, 2*time.Minute); !ok {
		t.Error("no restart after a life longer than errors.restart.delay.max.ms, want one")
	}
	if wait, ok := newRestarts().next(lives.Denied, 0); !ok || wait != time.Minute {
		t.Errorf("restart of what is denied = %v, %t, want the longest pause", wait, ok)
	}
	if _, ok := newRestarts().next(lives.Hopeless, 0); ok {
		t.Error("a restart of what can never work, want none")
	}
	r = newRestarts()
	for range 100 {
		if _, ok := r.next(lives.Passing, 0); !ok {
			t.Fatal("no restart after a failure that may pass, want one each time")
		}
	}
}
