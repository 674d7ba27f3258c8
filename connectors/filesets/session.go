package filesets

import (
	"context"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/claim"
)

// session is the time from a take-over of a partition to the next error: a
// claim, and the set that grows under it. The writer's goroutine uses it.
type session struct {
	writer *writer
	claim  *claim.Claim
	set    *set // an empty one takes its place with each commit
	// calm is when trouble that came before the session is over if no record
	// comes until then. Zero when there was none, or when it is over.
	calm time.Time
}

// takeOver takes a writer's partition over and tells the task where to go on.
func takeOver(ctx context.Context, w *writer) (*session, error) {
	c, err := w.claims.Take(ctx)
	if err != nil {
		return nil, err
	}
	w.options.Counters.takeOvers.Inc()
	s := &session{writer: w, claim: c, set: newSet(w.options, w.in.tp, c)}
	if err := s.register(c.Sets()...); err != nil {
		s.end()
		return nil, err
	}
	if w.retry.Tries() > 0 {
		s.calm = time.Now().Add(w.options.Backoff)
	}
	end, known := c.Next()
	w.logger.Debug("took the partition over", "offset", end, "known", known)
	w.in.logRead(end, known)
	return s, nil
}

// run writes what comes until something fails or ctx is done.
func (s *session) run(ctx context.Context) error {
	for {
		records, err := s.writer.in.take(ctx, s.deadline())
		if err != nil {
			return err
		}
		if len(records) == 0 {
			if err := s.timeIsUp(ctx); err != nil {
				return err
			}
		}
		for i, q := range records {
			err := s.add(ctx, q.record)
			s.writer.in.release(q.size)
			records[i].record = nil // what was decoded for it is not bounded
			if err != nil {
				return err
			}
		}
	}
}

// deadline is when to stop waiting for records, zero for never.
func (s *session) deadline() time.Time {
	if s.set.empty() {
		return s.calm
	}
	return s.set.deadline()
}

// timeIsUp does what is due when no record came until the deadline. A partition
// that has nothing to write after a take-over will not find out whether files
// can be written again, so the take-over counts.
func (s *session) timeIsUp(ctx context.Context) error {
	if s.set.empty() {
		s.troubleIsOver()
		return nil
	}
	return s.commit(ctx)
}

func (s *session) troubleIsOver() {
	s.writer.retry.Done(nil)
	s.calm = time.Time{}
}

// end drops what is not committed.
func (s *session) end() {
	s.set.abort()
	_ = s.claim.Release() // what it leaves, a successor sweeps
}

// add writes or rejects one record, and commits the set before it when its time
// is over and after it when it is full.
func (s *session) add(ctx context.Context, r *connect.SinkRecord) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, bad, err := s.writer.prepare(ctx, r)
	if err != nil {
		return err
	}
	now := time.Now()
	if s.set.over(p.time, now) {
		if err := s.commit(ctx); err != nil {
			return err
		}
	}
	s.set.cover(r.Offset, now)
	if bad != nil {
		err = s.reject(r, bad)
	} else {
		err = s.set.write(p)
	}
	if err != nil || !s.set.full() {
		return err
	}
	return s.commit(ctx)
}

// reject reports a bad record. Its dead letter is acknowledged before its set
// is committed.
func (s *session) reject(r *connect.SinkRecord, bad error) error {
	s.writer.options.Counters.rejects(bad)
	letters := &s.set.letters
	letters.sent()
	if err := s.writer.in.tc.Report(r, bad, letters.done); err != nil {
		return &reportError{fmt.Errorf("%s: %w", s.writer.in.record(r.Offset), err)}
	}
	return nil
}

// commit commits the set, unless it is empty, and begins another.
func (s *session) commit(ctx context.Context) error {
	if s.set.empty() {
		return nil
	}
	began := time.Now()
	set, err := s.set.commit(ctx)
	if err != nil {
		return err
	}
	s.set = newSet(s.writer.options, s.writer.in.tp, s.claim)
	s.troubleIsOver()
	s.writer.options.Counters.committed(set, began)
	s.writer.logger.Debug("committed", "first", set.First, "last", set.Last, "files", len(set.Files))
	s.writer.in.committedTo(set.Last + 1)
	s.writer.in.tc.RequestCommit()
	if err := s.register(set); err != nil {
		return err
	}
	registry := s.writer.options.Registry
	return s.claim.Forget(func(s claim.Set) bool { return registry == nil || registry.Registered(s) })
}

// register tells the registry of committed sets.
func (s *session) register(sets ...claim.Set) error {
	if s.writer.options.Registry == nil {
		return nil
	}
	for _, set := range sets {
		if err := s.writer.options.Registry.Add(set); err != nil {
			return &registryError{err}
		}
	}
	return nil
}
