package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/rejections"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/meter"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// Options are what a host gives a task.
type Options struct {
	// ID names the task.
	ID topology.TaskID
	// Sub is the subtopology that the task runs.
	Sub *topology.Subtopology
	// ApplicationID is the prefix of internal topics.
	ApplicationID string
	// Changelog returns the changelog topic of a store.
	Changelog func(store string) string
	// AdditionalRetention is how much longer than a store its changelog keeps windows.
	AdditionalRetention time.Duration
	// StateDir is the folder that errors about state name.
	StateDir string
	// StreamTime is the stream time of the last commit, in milliseconds. Records may be
	// older than 1970, so that before the first one it is [NoStreamTime].
	StreamTime int64
	// Times are the partition times of the last commit by Kafka topic. Default: not known.
	Times map[string]int64
	// Kept is what nodes kept with the offsets of the last commit. Default: nothing.
	Kept map[string]int64
	// Partitions is the number of partitions of the sources and the changelogs.
	Partitions int
	// DB holds the process' stores; nil for a task without stores.
	DB stores.DB
	// Prefix is what the keys of the task's state begin with in the DB. Default: that of its
	// partition.
	Prefix []byte
	// Globals returns the reader of a global store, nil for none. Default: there are none.
	Globals func(store string) *kinds.KeyValueReader
	// Also adds to what an epoch writes to the DB. Default: nothing.
	Also func(b *stores.Batch)
	// Turns bound how many tasks of the process are restored at a time. Default: any number.
	Turns restore.Turns
	// Shared is what all tasks of the process keep in memory of their stores beside the DB.
	// Default nil: the task keeps as much as it has a use for.
	Shared *stores.Memory
	// Produce sends a record through the host's producer.
	Produce func(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error))
	// Client are the options of the clients that replay changelogs.
	Client []kgo.Opt
	// Admin asks the brokers for the changelog's ends.
	Admin *kadm.Client
	// Topic maps a source or sink topic of the topology to its Kafka name.
	Topic func(name string) string
	// PartitionsOf returns how many partitions a Kafka topic has.
	PartitionsOf func(topic string) (int, error)
	// Own are the app's internal topics by their Kafka names, which no record may choose.
	Own map[string]bool
	// Limits are what the topics take.
	Limits *limits.Topics
	// Meter is that of the thread. Default nil: an epoch has no bounds.
	Meter *meter.Meter
	// OutputBytes bounds what one record makes. Default 0: no bound.
	OutputBytes int64
	// NoCache makes tables store and forward each update at once. Default: the last one of
	// each key and epoch.
	NoCache bool
	// Now is the clock of nodes and punctuations. Default: the machine's.
	Now func() time.Time
	// EmitInterval is how much of the clock nodes let pass between two looks for what has
	// come due. Default 0: none.
	EmitInterval time.Duration
	// Ahead is how far the timestamp of a record may be ahead of the clock. Default 0:
	// as far as it likes.
	Ahead time.Duration
	// Failures decides what becomes of what fails. Default: it fails the task.
	Failures failures.Policy
	// Listener hears how far the state is restored. Default: nobody does.
	Listener restore.Listener
	// Away is for how long the state in the DB was not kept up to date. Default 0.
	Away time.Duration
	// After is closed when the task that had the same state in this process
	// before has stopped; nil when there was none.
	After <-chan struct{}
	// Metrics counts what the task does.
	Metrics *telemetry.Task
	// Rejections logs which records were rejected. Default nil: nothing is logged.
	Rejections *rejections.Log
	// Logger gets changes of state and what a person should act on.
	Logger *slog.Logger
}

// Task is one running task. Wait, WriteChangelog, Committed and Aborted are
// called by the host's goroutine, Process too; the rest says so itself.
type Task struct {
	Options
	overlay *stores.Overlay // nil without stores
	stores  *kinds.Stores   // over the overlay
	logs    []*changelog    // of the stores that have one
	bound   int             // of a key and value in the overlay
	node    *nodeContext
	sources map[string]*source // by Kafka topic; patterns add theirs
	chooses bool               // records choose their topics
	// unstarted is why the task could not start, known when goka has stopped.
	unstarted error
	// patterns are the sources with a pattern.
	patterns []*source

	ready   chan struct{}
	stopped chan struct{}
	cancel  context.CancelFunc
	feed    chan *batch

	mu      sync.Mutex
	changed *sync.Cond
	queue   []*batch    // fed and not yet taken by goka's callback
	pending int         // fed and not yet processed
	records int         // of those
	queued  int64       // bytes of those
	err     error       // what failed in this epoch, or ended the task
	ended   bool        // goka's processor has returned
	lost    atomic.Bool // something failed in this epoch: what is left of it need not be processed

	now        time.Time     // when the batch in process began
	streamTime int64         // milliseconds, as of the last commit
	first      []seen        // the first record of each batch of this epoch
	rest       []*kgo.Record // the first record of each partition that this epoch has no room for
	left       int           // how many records it has no room for

	restored  atomic.Int64 // changelog records read
	remaining atomic.Int64 // changelog records to be read, as of the last poll
}

// seen is a record of this epoch.
type seen struct {
	topic string
	at    time.Time
}

// ErrStopped is the task's error once it was stopped.
var ErrStopped = errors.New("task is stopped")

// Left is how the last commit has left a task.
type Left struct {
	// Times are the partition times by Kafka topic, in milliseconds.
	Times map[string]int64
	// Kept is what nodes kept.
	Kept map[string]int64
}

// Start starts a task: it replays the changelog and is then ready for records.
// Ready and Stopped tell when; Err tells why it stopped.
func Start(ctx context.Context, o Options) *Task {
	t := newTask(o)
	ctx, t.cancel = context.WithCancel(ctx)
	go func() {
		defer close(t.stopped)
		if t.After != nil {
			// A thread that its group has thrown out may still hold a task that
			// another thread of the process has got meanwhile, and they would
			// write the same part of the DB. It is waited for although this one
			// is told to stop: the next one waits for this one only.
			<-t.After
		}
		err := ctx.Err()
		if err == nil {
			err = t.run(ctx)
		}
		if err == nil || ctx.Err() != nil {
			err = ErrStopped
		}
		t.end(err)
	}()
	return t
}

func newTask(o Options) *Task {
	t := &Task{
		Options:    o,
		ready:      make(chan struct{}),
		stopped:    make(chan struct{}),
		feed:       make(chan *batch, 1024),
		sources:    map[string]*source{},
		streamTime: o.StreamTime,
	}
	if t.Now == nil {
		t.Now = time.Now
	}
	t.chooses = slices.ContainsFunc(o.Sub.Sinks, func(s topology.Sink) bool { return s.Topic == "" })
	t.Logger = o.Logger.With("task", o.ID.String())
	t.changed = sync.NewCond(&t.mu)
	return t
}

// Ready is closed when the task has recovered and takes records.
func (t *Task) Ready() <-chan struct{} { return t.ready }

// Stopped is closed when the task has ended and freed everything.
func (t *Task) Stopped() <-chan struct{} { return t.stopped }

// Stop ends the task and waits until it has. What was not committed is lost,
// which is what an abort means. Any goroutine may call it.
func (t *Task) Stop() {
	t.cancel()
	<-t.stopped
}

// Process queues the records of one source topic, in order, with the bytes that they
// hold. They must be processed before the next commit.
func (t *Task) Process(records []*kgo.Record, bytes int64) {
	b := &batch{Context: context.Background(), task: t, records: records, bytes: bytes}
	b.open.Store(1)
	b.from = from(records)
	t.mu.Lock()
	t.queue = append(t.queue, b)
	t.pending++
	t.records += len(records)
	t.queued += b.bytes
	t.mu.Unlock()
	select {
	case t.feed <- b:
	case <-t.stopped:
		t.processed(b)
	}
}

// Queued returns how many records, and bytes of them, wait for the task. Any
// goroutine may call it.
func (t *Task) Queued() (records int, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.records, t.queued
}

// Restored returns how many records of changelogs the task has read, and how many
// it still had to read then. Any goroutine may call it.
func (t *Task) Restored() (records, remaining int64) { return t.restored.Load(), t.remaining.Load() }

// PartitionTime returns the largest timestamp of a partition's records, in milliseconds,
// with those of the open epoch, and whether there were some. It is called after Wait, or
// when the task is ready and has no records.
func (t *Task) PartitionTime(topic string, partition int32) (at int64, ok bool) {
	p := t.node.partition(topic, partition)
	return p.now, p.now != NoStreamTime
}

// StreamTime returns the largest timestamp of all records, as PartitionTime does.
func (t *Task) StreamTime() int64 { return t.node.now }

// Memory returns the bytes that the open epoch's writes hold. Any goroutine may call
// it once the task is ready; the figure may be a little old.
func (t *Task) Memory() int64 { return t.node.memory.Load() }

// Wait returns when every record was processed, and the task's error if one
// failed. Their outputs may still be unacknowledged.
func (t *Task) Wait() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.pending > 0 && t.err == nil {
		t.changed.Wait()
	}
	return t.err
}

// Settle waits until no record is being processed any more, failed or not.
func (t *Task) Settle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.pending > 0 && !t.ended {
		t.changed.Wait()
	}
}

// Err returns what failed since the last commit or abort, nil if nothing did.
func (t *Task) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

// fail records the first failure of the epoch. OPERATION_NOT_ATTEMPTED only says that
// another record of the same request was refused, so a later failure replaces it.
func (t *Task) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil || errors.Is(t.err, kerr.OperationNotAttempted) && !t.ended {
		t.err = err
	}
	t.lost.Store(true)
	t.changed.Broadcast()
}

// end records why the task ended; this error stays.
func (t *Task) end(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil || errors.Is(err, ErrStopped) {
		t.err = err
	}
	t.ended = true
	t.changed.Broadcast()
}

// produceError records that an emitted record was not accepted.
func (t *Task) produceError(b *batch, r *kgo.Record, err error) {
	if limits.Concerns(err) || limits.Denies(err) && t.asks(r.Topic) {
		err = &limits.Refusal{Topic: r.Topic, Made: b.made(), Err: err}
		t.fail(fmt.Errorf("task %s: %w", t.ID, err))
		return
	}
	if !t.internal(r.Topic) {
		err = t.Limits.Missing(r.Topic, err)
	}
	t.fail(fmt.Errorf("task %s: produce to %s %s: %w", t.ID, r.Topic, b.made(), err))
}

// internal reports whether a topic is one of the app's own.
func (t *Task) internal(topic string) bool {
	return t.Own[topic] || slices.ContainsFunc(t.logs, func(l *changelog) bool { return l.topic == topic })
}

// asks reports whether a handler decides about records for a topic that takes none: an
// output, and neither a changelog nor that of dead letters.
func (t *Task) asks(topic string) bool {
	return t.Failures.Decides(topology.Production) && topic != t.Failures.DeadLetters &&
		!slices.ContainsFunc(t.logs, func(l *changelog) bool { return l.topic == topic })
}

// processed counts a batch whose callback has returned.
func (t *Task) processed(b *batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending--
	t.records -= len(b.records)
	t.queued -= b.bytes
	b.records = nil
	t.changed.Broadcast()
}

// next takes the batch of the message that goka decodes; goka keeps the order.
func (t *Task) next() *batch {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.queue[0]
	t.queue[0] = nil
	t.queue = t.queue[1:]
	return b
}

// handle runs the topology over a batch, in goka's goroutine.
func (t *Task) handle(b *batch, mark func(error)) {
	b.mark = mark
	defer t.processed(b)
	defer b.done()
	start := time.Now()
	t.now = start
	t.node.begin(b)
	defer t.node.end()
	w := walk{t: t, records: b.records}
	for w.run() {
		// A handler has dealt with a panic.
	}
	if t.lost.Load() {
		return // with the epoch; its records come again
	}
	t.tick()
	if w.next == 0 {
		return
	}
	t.Metrics.Processed(w.next, time.Since(start), time.Duration(t.node.lateness)*time.Millisecond)
	t.first = append(t.first, seen{b.records[0].Topic, b.records[0].Timestamp})
}

// tick calls what is due by the clock, unless the epoch has no room for it.
func (t *Task) tick() {
	now := t.Now().UnixMilli()
	if now < t.node.timers.Wall() || len(t.rest) > 0 || t.lost.Load() {
		return
	}
	if err := t.node.punctuate(topology.WallClockTime, now); err != nil {
		t.fail(fmt.Errorf("task %s: %w", t.ID, err))
	}
}

// full reports whether the epoch has no room for the records left of a batch. They come
// again, and so does everything behind them.
func (t *Task) full(left []*kgo.Record) bool {
	if len(t.rest) == 0 && !t.Meter.Full() {
		return false
	}
	for _, r := range left {
		if !slices.ContainsFunc(t.rest, func(o *kgo.Record) bool { return samePartition(o, r) }) {
			t.rest = append(t.rest, r)
		}
	}
	t.left += len(left)
	return true
}

func samePartition(a, b *kgo.Record) bool { return a.Partition == b.Partition && a.Topic == b.Topic }

// Rest returns the first of each partition's records that were given to the task and that
// the epoch has no room for, none when it has processed all, and how many there are. It is
// called after Wait.
func (t *Task) Rest() (first []*kgo.Record, records int) { return t.rest, t.left }
