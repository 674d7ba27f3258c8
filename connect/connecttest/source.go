package connecttest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
)

// Source runs one source task as a worker does.
type Source struct {
	// Context is what the task was started with.
	Context *SourceContext
	// Task is the task that runs.
	Task connect.SourceTask

	t       testing.TB
	ctx     context.Context
	stopped bool
}

// StartSource starts a task with sc, which holds the offsets to continue from, and
// the properties, parsed as by [Parse]. The task is stopped when the test ends, if
// not before.
func StartSource(t testing.TB, plugin connect.Info, sc *SourceContext, task connect.SourceTask,
	props map[string]string) *Source {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Source{Context: sc, Task: task, t: t, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		s.Stop()
	})
	sc.NewLife()
	if err := task.Start(ctx, sc, Parse(t, plugin, props)); err != nil {
		t.Fatalf("start the source task: %v", err)
	}
	return s
}

// Poll polls until there are records and returns them, or returns false at the end
// of the input. The test fails on an error, or when no record comes within a
// minute.
func (s *Source) Poll() ([]*connect.SourceRecord, bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		records, err := s.Task.Poll(ctx)
		switch {
		case errors.Is(err, connect.ErrEndOfInput):
			return records, false
		case err != nil:
			s.t.Fatalf("poll: %v", err)
		case slices.Contains(records, nil):
			s.t.Fatalf("poll: record %d of %d is nil", slices.Index(records, nil)+1, len(records))
		case len(records) > 0:
			return records, true
		}
	}
	s.t.Fatalf("poll: no record in a minute")
	return nil, false
}

// Take polls until there are n records and returns them all. It does not keep
// their offsets.
func (s *Source) Take(n int) []*connect.SourceRecord {
	s.t.Helper()
	var all []*connect.SourceRecord
	for len(all) < n {
		records, more := s.Poll()
		all = append(all, records...)
		if !more && len(all) < n {
			s.t.Fatalf("the input ended after %d records, want %d", len(all), n)
		}
	}
	return all
}

// Keep stores the offsets of records, as if these were acknowledged, and tells the
// task with Committed.
func (s *Source) Keep(records ...*connect.SourceRecord) {
	for _, r := range records {
		s.Context.Keep(r.SourcePartition, r.NextOffset())
		s.Task.Committed(r.SourcePartition, r.NextOffset())
	}
}

// Stop stops the task; calls after the first do nothing.
func (s *Source) Stop() {
	s.t.Helper()
	if s.stopped {
		return
	}
	s.stopped = true
	if err := s.Task.Stop(); err != nil {
		s.t.Errorf("stop the source task: %v", err)
	}
}
