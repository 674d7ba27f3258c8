package sinktask

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/away"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/parts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/connect/worker/internal/rebalances"
	"github.com/suiro/suiro/connect/worker/internal/tap"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// wakeUp is how long a sink task waits for records before it is called without
// any, so that it can act on time.
const wakeUp = time.Second

// Options are what a life is made of. All are needed.
type Options struct {
	// Plan is the connector's.
	Plan *plan.Connector
	// ID is the task's number.
	ID int
	// Task has not been started.
	Task connect.SinkTask
	// Values are the task's own configuration.
	Values config.Values
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
	// Group sums up the rebalances of all tasks of the connector.
	Group *rebalances.Log
	// Trouble shows an error while the task goes on trying; nil clears it.
	Trouble func(error)
	// Gate says whether the task is paused.
	Gate *lives.Gate
	// Paused is told when the life rests because the task is paused, and when it goes on.
	Paused func(bool)
	// Making bounds how many lives make clients at a time.
	Making lives.Turns
}

// Life is one life of a sink task.
//
//	open ─▶ start ─▶ join ─▶ poll ─▶ convert ─▶ put ─▶ commit when it is time ─▶ poll …
//	  │       │        │       └─────────┬─────────┴──────────────┘
//	  │       │        │                 │ told to stop, or something failed
//	  │       │        │                 ▼
//	  │       │        │       dead letters flushed, what is safe committed,
//	  │       │        │       partitions closed
//	  ▼       ▼        ▼                 ▼
//	stop: task stopped, group left, clients closed
//
// A life that fails commits as one that stops does, and as Kafka Connect does:
// the task still owns its partitions and knows what it has written. What the
// failure was about is not safe by then: a batch that was not put has not moved
// the positions, and a dead letter that was not acknowledged holds its offset. A
// task that panicked is only stopped, because it may hold its own locks.
//
// While the task is paused the same goes on with partitions that are not fetched.
type Life struct {
	o          Options
	signals    *signals
	ledger     *ledger
	consumer   *consumer
	assignment *assignment
	committer  *committer
	intake     *intake
	delivery   *delivery
	rejects    *rejects

	writer  *kgo.Client // of dead letters, nil without a queue
	flushAt time.Time   // when to commit next
	resting bool        // as the task is paused
}

var errStopped = errors.New("task has been stopped")

// New returns a life that has not begun.
func New(o Options) *Life {
	l := &Life{o: o, signals: &signals{}, ledger: newLedger(o.Counts),
		consumer: newConsumer(o.Plan.Subscription, o.ID, &o.Counts.Paused)}
	for _, topic := range o.Plan.Subscription.Topics {
		o.Counts.Topics.Know(topic)
	}
	records := pipeline.New(o.Plan, o.Counts, o.Taps, o.Logger)
	l.rejects = &rejects{pipeline: records, ledger: l.ledger, signals: l.signals, counts: o.Counts,
		class: o.Plan.Class}
	l.committer = &committer{task: o.Task, consumer: l.consumer, ledger: l.ledger, signals: l.signals, counts: o.Counts,
		timeout: o.FlushTimeout,
		away:    away.New(o.Logger, o.Brokers, "offsets cannot be committed, trying again", "offsets are committed again")}
	l.assignment = &assignment{task: o.Task, consumer: l.consumer, committer: l.committer, ledger: l.ledger,
		signals: l.signals, counts: o.Counts, logger: o.Logger, graceful: o.GracefulTimeout, group: o.Group}
	l.intake = &intake{pipeline: records, rejects: l.rejects, ledger: l.ledger, counts: o.Counts, logger: o.Logger,
		group: o.Group, pattern: o.Plan.Subscription.Pattern != nil}
	l.delivery = &delivery{task: o.Task, consumer: l.consumer, ledger: l.ledger, signals: l.signals, counts: o.Counts,
		trouble: o.Trouble, delayMax: o.Plan.Tolerance.RetryDelayMax,
		away: away.New(o.Logger, o.Brokers, "put failed and is tried again", "put succeeded again")}
	return l
}

// Run works until ctx is done, and then returns nil unless something could not
// be brought to its end, or until it fails. It calls started once the task
// works. It is called once.
func (l *Life) Run(ctx context.Context, started func()) (err error) {
	defer func() { err = errors.Join(err, l.stop()) }()
	if err := l.open(ctx); err != nil {
		return err
	}
	l.rejects.stop, l.assignment.stop = ctx, ctx
	tc := &taskContext{consumer: l.consumer, ledger: l.ledger, signals: l.signals, rejects: l.rejects,
		counts: l.o.Counts, metrics: l.o.Metrics, logger: l.o.Logger}
	if err := l.o.Task.Start(ctx, tc, l.o.Values); err != nil {
		return fmt.Errorf("start the task: %w", err)
	}
	l.o.Group.Because("tasks of this worker joined")
	if err := l.o.Making.Do(ctx, func() error {
		return l.consumer.join(l.o.Plan.Subscription, append(l.assignment.options(), l.identity()...)...)
	}); err != nil {
		return err
	}
	l.o.Counts.Lags.Ask(l.ledger.lags)
	defer l.o.Counts.Lags.Ask(nil)
	watching := l.watchEnds(ctx)
	defer watching()
	started()
	l.flushAt = time.Now().Add(l.o.FlushInterval)
	for ctx.Err() == nil {
		err := lives.Protect(func() error { return l.step(ctx) })
		if lives.HasPanicked(err) {
			l.forget() // nothing is left to commit or to close
		}
		if err != nil && ctx.Err() == nil {
			if cerr := l.finish(ctx); cerr != nil && cerr.Error() != err.Error() {
				l.o.Logger.Warn("close after a failure", "error", cerr)
			}
			return err
		}
	}
	return l.finish(ctx)
}

// identity names the clients in the brokers' logs, as Kafka Connect does.
func (l *Life) identity() []kgo.Opt {
	return []kgo.Opt{kgo.ClientID(fmt.Sprintf("connector-%s-%s-%d", l.o.Plan.Type, l.o.Plan.Name, l.o.ID)),
		kafka.Logger(l.o.Logger), l.o.Brokers.Opt()}
}

// open connects the dead letter queue and checks that there is something to
// read.
func (l *Life) open(ctx context.Context) error {
	client, err := lives.Make(ctx, l.o.Making, l.producer)
	if err != nil {
		return err
	}
	l.rejects.letters = pipeline.NewDeadLetters(l.o.Plan, l.o.ID, client)
	if l.rejects.letters == nil {
		defer client.Close()
	} else {
		l.writer = client
	}
	missing, err := missingTopics(ctx, client, l.o.Plan.Subscription)
	switch {
	case err != nil:
		return err
	case len(missing) > 0:
		return fmt.Errorf("topic %s does not exist: create it, or correct topics of connector %s",
			strings.Join(missing, ", "), l.o.Plan.Name)
	case l.writer != nil:
		return l.rejects.letters.Open(ctx)
	}
	return nil
}

// producer makes the client of dead letters.
func (l *Life) producer() (*kgo.Client, error) {
	opts, err := l.o.Plan.Producer.Options()
	if err != nil {
		return nil, fmt.Errorf("configure the producer of dead letters: %w", err)
	}
	client, err := kgo.NewClient(append(opts, l.identity()...)...)
	if err != nil {
		return nil, lives.Fatal(fmt.Errorf("configure the producer of dead letters: %w", err))
	}
	return client, nil
}

// step is one round: poll, convert, put, commit.
func (l *Life) step(ctx context.Context) error {
	l.rest()
	l.consumer.resumeStopped(l.ledger.flowing)
	if err := l.deliver(ctx, l.poll(ctx)); err != nil {
		return err
	}
	if time.Now().Before(l.flushAt) && !l.signals.commitRequested() {
		return nil
	}
	l.flushAt = time.Now().Add(l.o.FlushInterval)
	return l.committer.commit(ctx)
}

// rest stops fetching while the task is paused, and commits soon. The task keeps its
// partitions and is still called without records, so that it can act on time.
func (l *Life) rest() {
	paused, _ := l.o.Gate.Paused()
	if paused == l.resting {
		return
	}
	l.resting = paused
	l.consumer.rest(paused, l.ledger.all())
	if paused {
		l.signals.requestCommit()
	}
	l.o.Paused(paused)
}

// deliver converts and puts what was fetched, part by part, so that the decoded records
// of a fetch are never in memory all at once. Of a partition that the task has left or
// sought in meanwhile nothing more is put.
func (l *Life) deliver(ctx context.Context, fetches kgo.Fetches) error {
	l.intake.begin(fetches)
	failed, all := l.signals.failure(), parts.Of(fetches)
	for more := failed == nil; more && !connect.IsRetriable(failed); { // what was away for one record is away for all
		var part kgo.Fetches
		part, more = all.Next()
		b, err := l.intake.batch(ctx, part)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := l.delivery.put(ctx, b); err != nil {
			return err
		}
		failed = cmp.Or(failed, err)
		for _, s := range b.skips {
			l.skip(s)
		}
		sought := l.ledger.takeSeeks()
		l.intake.leave(sought)
		l.consumer.seek(sought)
	}
	return cmp.Or(failed, l.forgetTopics(ctx))
}

// forgetTopics closes the partitions of topics that are gone and goes on with the others:
// a pattern names no topic that has to be there. One that was made anew under its name is
// found as a new one is.
func (l *Life) forgetTopics(ctx context.Context) error {
	if len(l.intake.gone) == 0 {
		return nil
	}
	topics := slices.Sorted(maps.Keys(l.intake.gone))
	l.o.Logger.Info("topics of the pattern were deleted", "topics", topics)
	err := l.assignment.gone(ctx, l.intake.gone)
	l.consumer.forget(topics)
	return err
}

// skip goes on behind a batch, unless its partition has gone meanwhile.
func (l *Life) skip(s skip) {
	if l.ledger.find(connect.TopicPartition{Topic: s.Topic, Partition: s.Partition}) == s.from {
		l.consumer.skip(s.Batch)
	}
}

// poll waits for records, at most until the task is to be woken.
func (l *Life) poll(ctx context.Context) kgo.Fetches {
	ctx, cancel := context.WithTimeout(ctx, min(wakeUp, max(time.Until(l.flushAt), 0)))
	defer cancel()
	l.signals.polling(cancel)
	began := time.Now()
	fetches := l.consumer.poll(ctx)
	if fetches.NumRecords() > 0 {
		l.o.Counts.Poll.Observe(time.Since(began))
	}
	return fetches
}

// finish commits what is safe and closes the partitions, within the graceful
// time.
func (l *Life) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.o.GracefulTimeout)
	defer cancel()
	l.consumer.block()
	var err error
	if l.writer != nil {
		err = l.writer.Flush(ctx)
	}
	return errors.Join(err, l.assignment.giveUp(ctx, l.ledger.all()))
}

// forget gives up the partitions without a word to the task.
func (l *Life) forget() {
	list := l.ledger.all()
	l.ledger.remove(list)
	l.o.Group.Released(list)
}

// stop stops the task and closes the clients. Leaving the group lets a rebalance
// happen that has been waiting; a task that is stopped hears nothing of it.
func (l *Life) stop() error {
	defer l.rejects.pipeline.Close()
	err := lives.Protect(l.o.Task.Stop)
	l.signals.fail(errStopped)
	l.forget() // none is left, unless the end of the life panicked
	if l.consumer.current() != nil {
		l.o.Group.Because("tasks of this worker left")
	}
	l.consumer.close()
	if l.writer != nil {
		l.writer.Close()
	}
	if err != nil {
		return fmt.Errorf("stop the task: %w", err)
	}
	return nil
}
