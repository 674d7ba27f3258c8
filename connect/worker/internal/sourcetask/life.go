package sourcetask

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/away"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/connect/worker/internal/rawproducer"
	"github.com/suiro/suiro/connect/worker/internal/tap"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Options are what a life is made of. All but Verify are needed.
type Options struct {
	// Plan is the connector's.
	Plan *plan.Connector
	// ID is the task's number.
	ID int
	// Task has not been started.
	Task connect.SourceTask
	// Values are the task's own configuration.
	Values config.Values
	// OpenOffsets opens what keeps source offsets, and release closes it; it is a
	// [backing.TransactionalStore] when the plan says exactly once.
	OpenOffsets func(context.Context) (s backing.OffsetStore, release func(), err error)
	// FlushInterval is the time between two commits, FlushTimeout bounds one, and
	// GracefulTimeout bounds the end of the life.
	FlushInterval, FlushTimeout, GracefulTimeout time.Duration
	// Metrics is where the task registers metrics of its own.
	Metrics prometheus.Registerer
	// Counts and Logger are the task's, over all its lives.
	Counts *counts.Counters
	Logger *slog.Logger
	// Taps is where the records of the task can be tapped.
	Taps *tap.Point
	// Brokers hears every client of the life.
	Brokers *kafka.Brokers
	// Trouble shows an error while the task goes on trying; nil clears it.
	Trouble func(error)
	// Verify says why this life must not shut others out; nil says that it may.
	Verify func(context.Context) error
	// Gate says whether the task is paused.
	Gate *lives.Gate
	// Paused is told when the life rests because the task is paused, and when it goes on.
	Paused func(bool)
	// Making bounds how many lives make clients at a time.
	Making lives.Turns
	// RecordsOnly is set once brokers have refused a batch; then the task is asked for records in
	// this life and the next ones.
	RecordsOnly *atomic.Bool
}

// Life is one life of a source task.
//
//	open ─▶ start ─▶ poll ─▶ convert ─▶ send ─▶ commit when it is time ─▶ poll …
//	  │       │       └────────┬──────────┴──────────────┘
//	  │       │                ├─ paused: flush ─▶ wait to be resumed ─▶ poll …
//	  │       │                ├─ told to stop ────────────▶ flush ─▶ stop
//	  │       │                ├─ something failed ────────▶ flush ─▶ stop, and the error
//	  │       │                └─ end of input ─▶ flush ─▶ wait to be told to stop ─▶ stop
//	  │       │                                     │
//	  │       │                                     └─ fails: cancel ─▶ stop, and the error
//	  ▼       ▼
//	stop: task stopped, client closed
//
// flush waits for everything that was sent and commits its offsets, whatever
// ended the loop: the records before a bad one arrive and do not come again.
// cancel comes after a flush that failed: a transaction is aborted, and offsets
// of what has arrived are kept. A stop bounds both with the graceful time, which
// runs from the moment that the task was told to stop.
//
// Kafka Connect flushes after a failure too, but aborts the transaction of a
// source that is exactly-once. With one bad record in its input such a task
// would never get past the records before it.
type Life struct {
	o         Options
	client    *kgo.Client
	pipeline  *pipeline.Pipeline
	offsets   *offsets
	store     backing.OffsetStore // nil until it is open
	release   func()              // closes the store
	delivery  *delivery
	topics    *topics
	committer committer
	batches   *batches // nil in a life with records
	began     time.Time

	panicked bool            // the task, in Poll
	measure  time.Time       // when the poll came of which a record is still to be measured, else zero
	pause    backoff.Backoff // between polls that fail but may succeed later
	idle     idle
	away     *away.Notice // while polls fail
}

// New returns a life that has not begun.
func New(o Options) *Life {
	return &Life{o: o, offsets: newOffsets(o.Plan.Name, o.Counts),
		pipeline: pipeline.New(o.Plan, o.Counts, o.Taps, o.Logger),
		pause:    backoff.Backoff{First: pipeline.FirstRetry, Max: o.Plan.Tolerance.RetryDelayMax},
		idle:     newIdle(o.Logger),
		away:     away.New(o.Logger, o.Brokers, "poll failed and is tried again", "poll succeeded again")}
}

// Run works until ctx is done, and then returns nil, or until it fails. It calls
// started once the task works. It is called once.
func (l *Life) Run(ctx context.Context, started func()) (err error) {
	defer func() { err = errors.Join(l.turn(err), l.stop()) }()
	l.began = time.Now()
	records, cancel := graceful(ctx, l.o.GracefulTimeout)
	defer cancel()
	if err := l.open(ctx, records); err != nil {
		return err
	}
	if err := l.o.Task.Start(ctx, &taskContext{l}, l.o.Values); err != nil {
		return fmt.Errorf("start the task: %w", err)
	}
	started()
	for ctx.Err() == nil {
		err := lives.Protect(func() error { return l.step(ctx) })
		if errors.Is(err, connect.ErrEndOfInput) {
			return l.finishInput(ctx)
		}
		if err != nil && ctx.Err() == nil {
			l.panicked = lives.HasPanicked(err)
			return errors.Join(err, l.finish(ctx))
		}
	}
	return l.finish(ctx)
}

// graceful returns a context that is done some time after ctx: records that are
// on their way when a task is told to stop have that long to arrive.
func graceful(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	forget := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return out, func() {
		forget() // ctx outlives many lives
		cancel()
	}
}

// open connects the producer and reads the offsets. records ends when a stop has
// been graceful long enough.
func (l *Life) open(ctx, records context.Context) error {
	id := fmt.Sprint(l.o.Plan.Records.TransactionalIDPrefix, l.o.ID)
	l.batches = l.chooseBatches()
	client, err := lives.Make(ctx, l.o.Making, func() (*kgo.Client, error) { return l.producer(id) })
	if err != nil {
		return err
	}
	l.client = client
	l.topics = &topics{client: l.client, connector: l.o.Plan.Name, creation: l.o.Plan.Records.Creation,
		known: map[string]int32{}}
	l.delivery = &delivery{client: l.client, pipeline: l.pipeline, counts: l.o.Counts, records: records,
		letters: pipeline.NewDeadLetters(l.o.Plan, l.o.ID, l.client), class: l.o.Plan.Class}
	l.delivery.observer, _ = l.o.Task.(connect.WriteObserver)
	if l.delivery.letters != nil {
		if err := l.delivery.letters.Open(ctx); err != nil {
			return err
		}
	}
	if l.store, l.release, err = l.o.OpenOffsets(ctx); err != nil {
		return err
	}
	if l.batches != nil {
		l.batches.open(id)
	}
	if l.committer, err = newCommitter(l, id); err != nil {
		return err
	}
	if err := l.committer.open(ctx); err != nil || l.batches == nil || l.o.Plan.Records.ExactlyOnce {
		return err
	}
	return l.batches.raw.Begin(ctx)
}

// producer makes the client, with the transactional id if the source is exactly-once.
func (l *Life) producer(id string) (*kgo.Client, error) {
	opts, err := l.o.Plan.Producer.Options()
	if err != nil {
		return nil, fmt.Errorf("configure the producer: %w", err)
	}
	opts = append(opts, kgo.ClientID(fmt.Sprintf("connector-%s-%s-%d", l.o.Plan.Type, l.o.Plan.Name, l.o.ID)),
		kafka.Logger(l.o.Logger), l.o.Brokers.Opt(), kgo.RecordPartitioner(kafka.Partitioner()))
	if l.o.Plan.Records.ExactlyOnce {
		opts = append(opts, kgo.TransactionalID(id), kgo.TransactionTimeout(l.o.Plan.Records.TransactionTimeout))
	}
	if l.batches != nil {
		opts = append(opts, rawproducer.Versions())
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, lives.Fatal(fmt.Errorf("configure the producer: %w", err))
	}
	return client, nil
}

// committed tells the task what is kept, unless the task has panicked and may
// hold its own locks.
func (l *Life) committed(entries []backing.Entry) {
	if l.panicked {
		return
	}
	for _, e := range entries {
		l.o.Task.Committed(e.Partition, e.Offset)
	}
}

// step is one poll. Records that come with an error are sent first.
func (l *Life) step(ctx context.Context) error {
	if err := l.delivery.failure(); err != nil {
		return err
	}
	if err := l.delivery.sendAlone(ctx); err != nil {
		return err
	}
	if err := l.rest(ctx); err != nil {
		return err
	}
	if l.outdated() {
		return lives.ErrAgain
	}
	if l.offsets.collect(); l.offsets.crowded() {
		if err := l.committer.flush(ctx); err != nil {
			return err
		}
	}
	poll := l.pollRecords
	if l.batches != nil {
		poll = l.batches.poll
	}
	began := time.Now()
	n, process, err := poll(ctx)
	took := time.Since(began)
	l.o.Counts.Polls.Add(1)
	l.o.Counts.Read.Add(int64(n))
	if n > 0 {
		l.o.Counts.Poll.Observe(took)
		if err := process(); err != nil {
			return err
		}
	}
	switch {
	case err == nil:
		l.o.Trouble(nil)
		l.away.Over()
		l.pause.Reset()
		if err := l.committer.tick(ctx); err != nil {
			return err
		}
		return l.idle.polled(ctx, n, took)
	case errors.Is(err, connect.ErrEndOfInput):
		return err
	case connect.IsRetriable(err):
		return l.wait(ctx, err)
	}
	return fmt.Errorf("poll: %w", err)
}

// pollRecords returns how many records there are, and what processes them.
func (l *Life) pollRecords(ctx context.Context) (n int, process func() error, err error) {
	records, err := l.o.Task.Poll(ctx)
	return len(records), func() error { return l.processAll(ctx, records) }, err
}

// rest waits while the task is paused. What was sent is kept first: the pause may be
// long, and a broker ends a transaction that is open for long.
func (l *Life) rest(ctx context.Context) error {
	if paused, _ := l.o.Gate.Paused(); !paused {
		return nil
	}
	if err := l.committer.flush(ctx); err != nil {
		return err
	}
	l.o.Paused(true)
	if err := l.o.Gate.Wait(ctx); err != nil {
		return err
	}
	l.o.Paused(false)
	return nil
}

// wait waits before a poll is tried again. The next records may be long in
// coming, and a broker ends a transaction that is open for long.
func (l *Life) wait(ctx context.Context, reason error) error {
	l.o.Counts.Retries.Add(1)
	l.away.Failed(reason)
	if err := l.committer.flush(ctx); err != nil {
		return err
	}
	l.o.Trouble(reason)
	return backoff.Sleep(ctx, l.pause.Next())
}

func (l *Life) processAll(ctx context.Context, records []*connect.SourceRecord) error {
	began := time.Now()
	l.pipeline.Begin(len(records))
	defer l.pipeline.End()
	l.measure = began
	for i, r := range records {
		if r == nil {
			return fmt.Errorf("poll: record %d of %d is nil: class %s must return records alone", i+1, len(records),
				l.o.Plan.Class)
		}
		if err := l.process(ctx, r); err != nil {
			return err
		}
	}
	l.o.Counts.Convert.Observe(time.Since(began))
	return nil
}

// process sends one record on its way, or all that the transforms have made of it.
func (l *Life) process(ctx context.Context, r *connect.SourceRecord) error {
	if err := l.committer.begin(); err != nil {
		return err
	}
	st, err := l.offsets.stream(r.SourcePartition)
	if err != nil {
		return err
	}
	out, err := l.pipeline.ToKafka(ctx, r)
	switch {
	case err != nil && ctx.Err() != nil:
		return err // told to stop between two tries, so nothing says that it is bad
	case err != nil:
		return l.delivery.reject(r, err, st.place)
	case len(out) == 0:
		l.o.Counts.Filtered.Add(1)
		st.add(r).Ack()
		return nil
	}
	for _, one := range out {
		switch misfit, err := l.topics.ensure(ctx, one); {
		case err != nil:
			return err
		case misfit != nil:
			return l.delivery.reject(r, pipeline.MarkStage(pipeline.KafkaProduce, l.o.Plan.Class, misfit), st.place)
		}
	}
	// What Kafka has refused meanwhile goes first, so that records stay in order.
	if err := l.delivery.sendAlone(ctx); err != nil {
		return err
	}
	l.delivery.send(r, out, st.add(r), l.measured(r))
	return nil
}

// measured says of the first record of a poll that is sent that it is measured, and
// returns nil for the others.
func (l *Life) measured(r *connect.SourceRecord) *times {
	if l.measure.IsZero() {
		return nil
	}
	came := l.measure
	l.measure = time.Time{}
	if !r.Timestamp.IsZero() {
		l.o.Counts.Age.Observe(r.Timestamp, came)
		came = r.Timestamp
	}
	return &times{came, time.Now()}
}

// finish flushes what was sent, or cancels it. Of a task that was told to stop
// the graceful time runs already. The error is why there is to be no other life.
func (l *Life) finish(ctx context.Context) error {
	if ctx.Err() != nil {
		ctx = l.delivery.records
	} else {
		// A stop that comes now does not cut it short: its graceful time ends later.
		timed, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.o.GracefulTimeout)
		defer cancel()
		ctx = timed
	}
	err := l.committer.flush(ctx)
	if err == nil {
		return nil
	}
	l.o.Logger.Warn("records since the last commit are read again", "error", err)
	if cerr := l.committer.cancel(ctx); cerr != nil || lives.IsFatal(err) {
		return errors.Join(err, cerr)
	}
	return nil
}

// finishInput commits everything after the end of the input and waits to be
// stopped.
func (l *Life) finishInput(ctx context.Context) error {
	if err := l.committer.flush(ctx); err != nil {
		if ctx.Err() == nil {
			return errors.Join(err, l.finish(ctx))
		}
		return l.finish(ctx) // it was cut short, not refused
	}
	l.o.Counts.EndOfInput.Store(true)
	l.o.Logger.Info("end of input")
	l.idleUntilStopped(ctx)
	return nil
}

// idleUntilStopped shows whether the task is paused, although there is nothing to do.
func (l *Life) idleUntilStopped(ctx context.Context) {
	shown := false
	for ctx.Err() == nil {
		paused, changed := l.o.Gate.Paused()
		if paused != shown {
			l.o.Paused(paused)
			shown = paused
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// stop stops the task, and closes the client and the store.
func (l *Life) stop() error {
	defer l.pipeline.Close()
	err := lives.Protect(l.o.Task.Stop)
	l.batches.close()
	if l.client != nil {
		l.client.Close()
	}
	if l.store != nil {
		l.release()
	}
	if err != nil {
		return fmt.Errorf("stop the task: %w", err)
	}
	return nil
}
