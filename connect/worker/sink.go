package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// wakeUp is how long a sink task waits for records before it is called
// without any, so that it can act on time.
const wakeUp = time.Second

// sinkRun is one life of a sink task: a member of the connector's consumer
// group with its own client.
//
// The client calls back about gained and lost partitions only between
// AllowRebalance and the next poll, so callbacks and loop never touch the task
// or the fields without mutex at the same time.
type sinkRun struct {
	*env
	task connect.SinkTask
	cl   *kgo.Client
	dlq  *deadLetters

	life    context.Context // of the task, for callbacks
	parts   map[connect.TopicPartition]*sinkPartition
	flushAt time.Time
	ready   chan struct{} // closed once cl is set; callbacks wait for it

	mu         sync.Mutex // guards the rest, writing cl, and begun, start, end, committed and held of the partitions
	owned      map[connect.TopicPartition]*sinkPartition
	sought     connect.Offsets
	wantCommit bool
	failed     error
	interrupt  context.CancelFunc
}

// sinkPartition is a partition from Open to Close.
type sinkPartition struct {
	fetched   int64 // where to go on after what was fetched
	next      int64 // where to go on after what was put or passed over; -1 before that
	lastPut   int64 // highest offset handed to the task, -1 before the first
	committed int64 // -1 when the group has no offset
	begun     bool  // the client knows where to read; until then a seek waits for adjust
	start     int64 // where reading began
	end       int64 // end of the partition as of the last fetch

	held map[int64]int // offsets of dead letters that are not acknowledged
}

// batch is what goes to the task in one call.
type batch struct {
	records []*connect.SinkRecord
	from    []*sinkPartition // of each record
	// ends are where partitions stand once the batch is put, records that were
	// passed over included.
	ends map[*sinkPartition]int64
}

func newSinkRun(e *env, task connect.SinkTask) *sinkRun {
	return &sinkRun{env: e, task: task, parts: map[connect.TopicPartition]*sinkPartition{},
		owned: map[connect.TopicPartition]*sinkPartition{}, sought: connect.Offsets{}, ready: make(chan struct{})}
}

func (s *sinkRun) run(ctx context.Context, started func()) (err error) {
	s.life = ctx
	if err := s.open(ctx); err != nil {
		s.close()
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.task.Start(ctx, &sinkContext{s}, s.taskConf); err != nil {
		return fmt.Errorf("start the task: %w", err)
	}
	if err := s.join(); err != nil {
		return err
	}
	started()
	s.flushAt = time.Now().Add(s.flushInterval)
	for ctx.Err() == nil {
		if err := s.step(ctx); err != nil && ctx.Err() == nil {
			s.abandon()
			return err
		}
	}
	return s.finish(ctx)
}

// open connects the dead letter queue and checks that there is something to
// read.
func (s *sinkRun) open(ctx context.Context) error {
	opts, err := s.conn.Producer.Options()
	if err != nil {
		return err
	}
	cl, err := kgo.NewClient(append(opts, s.clientID(), s.kgoLogger())...)
	if err != nil {
		return fmt.Errorf("configure the producer of dead letters: %w", err)
	}
	s.dlq = deadLettersOf(s.conn, s.id, cl)
	defer func() {
		if s.dlq == nil {
			cl.Close()
		}
	}()
	if topics := s.conn.Subscription.Topics; len(topics) > 0 {
		missing, err := missingTopics(ctx, kadm.NewClient(cl), topics)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			return fmt.Errorf("topic %s does not exist: create it, or correct topics of connector %s",
				strings.Join(missing, ", "), s.conn.Name)
		}
	}
	if s.dlq != nil {
		return s.dlq.open(ctx)
	}
	return nil
}

// close stops the task and closes the clients.
func (s *sinkRun) close() error {
	err := s.task.Stop()
	if s.cl != nil {
		s.cl.CloseAllowingRebalance()
	}
	if s.dlq != nil {
		s.dlq.cl.Close()
	}
	if err != nil {
		return fmt.Errorf("stop the task: %w", err)
	}
	return nil
}

// step is one round: poll, put, commit.
func (s *sinkRun) step(ctx context.Context) error {
	s.cl.AllowRebalance()
	fetches := s.poll(ctx)
	if err := s.failure(); err != nil {
		return err
	}
	b, err := s.convert(ctx, fetches)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.put(ctx, b); err != nil {
		return err
	}
	s.applySeeks()
	if time.Now().Before(s.flushAt) && !s.commitWanted() {
		return nil
	}
	s.flushAt = time.Now().Add(s.flushInterval)
	return s.commit(ctx)
}

// poll waits for records, at most until the task is to be woken.
func (s *sinkRun) poll(ctx context.Context) kgo.Fetches {
	ctx, cancel := context.WithTimeout(ctx, min(wakeUp, max(time.Until(s.flushAt), 0)))
	defer cancel()
	s.mu.Lock()
	s.interrupt = cancel
	urgent := s.wantCommit || s.failed != nil
	s.mu.Unlock()
	if urgent {
		cancel()
	}
	fetches := s.cl.PollRecords(ctx, s.maxPoll)
	if len(fetches) == 0 {
		s.block() // a rebalance took the records back, and the poll did not block the next one
	}
	return fetches
}

// wake ends a poll that waits.
func (s *sinkRun) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.interrupt != nil {
		s.interrupt()
	}
}

// fail makes the next step end this life of the task.
func (s *sinkRun) fail(err error) {
	s.mu.Lock()
	if s.failed == nil {
		s.failed = err
	}
	s.mu.Unlock()
	s.wake()
}

func (s *sinkRun) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// put hands the batch to the task, again and again while the error may heal.
// In between it lets rebalances happen and drops what was lost in them. The
// client heartbeats by itself, so nothing needs to be polled to stay a member.
func (s *sinkRun) put(ctx context.Context, b batch) error {
	pause := backoff{first: s.retryFirst, max: s.tolerance.RetryDelayMax}
	for {
		err := s.task.Put(ctx, b.records)
		switch {
		case err == nil:
			s.self.trouble(nil)
			s.accepted(b)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !connect.IsRetriable(err):
			return fmt.Errorf("put %d records: %w", len(b.records), err)
		}
		wait := pause.next()
		s.counts.retries.Add(1)
		s.self.trouble(err)
		s.logger.Warn("put is tried again", "records", len(b.records), "pause", wait.Round(time.Millisecond), "error", err)
		if err := s.yield(ctx, wait); err != nil {
			return err
		}
		if err := s.failure(); err != nil {
			return err
		}
		b = s.stillOwned(b)
	}
}

// yield lets rebalances happen for a while and then blocks them again: a poll
// with a context that is done returns at once and blocks them until the next
// AllowRebalance.
func (s *sinkRun) yield(ctx context.Context, d time.Duration) error {
	s.cl.AllowRebalance()
	err := sleep(ctx, d)
	s.block()
	return err
}

// block keeps rebalances from happening until AllowRebalance.
func (s *sinkRun) block() {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	s.cl.PollRecords(done, 1)
}

func (s *sinkRun) stillOwned(b batch) batch {
	kept := batch{ends: b.ends} // the end of a lost partition is of no use to anyone
	for i, r := range b.records {
		if s.parts[r.TopicPartition()] == b.from[i] {
			kept.records = append(kept.records, r)
			kept.from = append(kept.from, b.from[i])
		}
	}
	return kept
}

// accepted moves the positions over what the task took, and counts it.
func (s *sinkRun) accepted(b batch) {
	for p, end := range b.ends {
		p.next = end
	}
	for i, r := range b.records {
		b.from[i].lastPut = r.Offset
	}
	s.counts.written.Add(int64(len(b.records)))
	s.measure()
}

// measure updates the gauges.
func (s *sinkRun) measure() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lag, uncommitted int64
	for _, p := range s.parts {
		next := max(p.next, p.start)
		lag += max(p.end-next, 0)
		uncommitted += max(next-max(p.committed, p.start), 0)
	}
	s.counts.lag.Store(lag)
	s.counts.uncommitted.Store(uncommitted)
}

// finish commits and closes everything after ctx is done.
func (s *sinkRun) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.graceful)
	defer cancel()
	s.block()
	var err error
	if s.dlq != nil {
		err = s.dlq.cl.Flush(ctx)
	}
	return errors.Join(err, s.commit(ctx), s.closeParts(ctx, s.allParts(), false))
}

// abandon closes everything without a commit, after a failure.
func (s *sinkRun) abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), s.graceful)
	defer cancel()
	s.block()
	if err := s.closeParts(ctx, s.allParts(), true); err != nil {
		s.logger.Warn("close after a failure", slog.Any("error", err))
	}
}
