package thread

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

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/mark"
	"github.com/suiro/suiro/streams/internal/member"
	"github.com/suiro/suiro/streams/internal/queues"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// Thread is one stream thread. Run does everything.
type Thread struct {
	o      Options
	member member.Member
	client *kgo.Client
	opened chan struct{} // closed when client is set; callbacks may come before
	// life is the client's; giveUp cancels it and what still waits for brokers.
	life   context.Context
	giveUp context.CancelFunc

	// mu guards tasks and waiting: rebalance callbacks come from the client's
	// goroutine.
	mu    sync.Mutex
	tasks map[topology.TaskID]*task.Task
	// waiting runs while the thread waits for the offsets of new partitions.
	waiting *time.Timer

	share share
	// queues are those of tasks with several partitions; mu guards them.
	queues map[topology.TaskID]*queues.Queues
	left   member.Offsets // where to go on in partitions that are read further than that
	// markers is set when transaction markers were read and not committed.
	markers bool

	revoked atomic.Bool // partitions went since the last epoch
	blocked atomic.Bool // a rebalance waits for the epoch to end
	waker   waker
	joining joining
	brakes  brakes
	touched map[topology.TaskID]*task.Task // tasks with records in this epoch
	budget  budget
	// useful is set once an epoch has committed, or the limits of a topic are known better.
	useful bool
	// unfinished is set while an epoch is open.
	unfinished bool
	began      time.Time     // when the open epoch did
	records    int           // of the open epoch
	refused    []kafka.Batch // that the open epoch has met
	stops      *kafka.Stops
	summary    *group.Summary
	marks      mark.Last
	beat       atomic.Int64 // when the thread last came by, in Unix nanoseconds
}

// New returns a thread that has not started.
func New(o Options) *Thread {
	if o.Sources == nil {
		o.Sources = group.NewSources(nil)
	}
	if o.Processing == nil {
		o.Processing = func() {}
	}
	if o.Told == nil {
		o.Told = func() {}
	}
	if o.Paused == nil {
		o.Paused = func() bool { return false }
	}
	if o.Check == nil {
		o.Check = func() error { return nil }
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	if o.Source == nil {
		o.Source = func(string) *topology.Source { return nil }
	}
	th := &Thread{
		summary: group.NewSummary(o.Logger, o.Metrics, o.Name, o.Changed),
		o:       o,
		opened:  make(chan struct{}),
		budget:  newBudget(o.Budget, o.MaxPollRecords),
		tasks:   map[topology.TaskID]*task.Task{},
		queues:  map[topology.TaskID]*queues.Queues{},
		touched: map[topology.TaskID]*task.Task{},
	}
	th.alive()
	return th
}

// alive notes that the thread goes on.
func (th *Thread) alive() { th.beat.Store(time.Now().UnixNano()) }

// Status is what a thread is doing.
type Status struct {
	// Joined reports whether the thread is a member of the group.
	Joined bool
	// Settled reports whether it is one, and no rebalance is under way.
	Settled bool
	// Tasks are its tasks.
	Tasks []*task.Task
	// Waiting is how many bytes of records wait in the queues of tasks that have some.
	Waiting map[topology.TaskID]int64
	// Beat is when the thread last went round its loop. A thread whose tasks are
	// stuck, or that waits for a broker, does not.
	Beat time.Time
}

// Status returns what the thread is doing. Any goroutine may call it.
func (th *Thread) Status() Status {
	s := Status{Beat: time.Unix(0, th.beat.Load()), Waiting: map[topology.TaskID]int64{}}
	s.Joined, s.Settled = th.summary.Settled()
	th.mu.Lock()
	defer th.mu.Unlock()
	for _, t := range th.tasks {
		s.Tasks = append(s.Tasks, t)
	}
	for id, q := range th.queues {
		s.Waiting[id] = q.Total()
	}
	return s
}

// Follow makes the thread read topics that have appeared, and forget others. Any goroutine
// may call it.
func (th *Thread) Follow(came, went []string) {
	<-th.opened
	if th.client == nil {
		return
	}
	th.client.AddConsumeTopics(came...)
	th.client.PurgeTopicsFromConsuming(went...)
}

// Unfinished reports whether Run ended with an epoch open, whose records will be
// processed again.
func (th *Thread) Unfinished() bool { return th.unfinished }

// Budget returns how many records the thread last took at a time. Its successor
// starts with that number: with more, the epochs of slow tasks would outlast their
// transactions again.
func (th *Thread) Budget() int { return th.budget.records }

// Useful reports whether the thread has brought the app forward: it has committed, or
// learned what a topic takes, so that its successor need not wait long.
func (th *Thread) Useful() bool { return th.useful }

// Run joins the group and processes records until ctx is done, which commits
// what is in process and leaves the group, or until something fails. It is
// called once. After an error nothing of the open epoch is committed. The caller
// decides whether a new thread tries again, see [member.Recoverable].
func (th *Thread) Run(ctx context.Context) (err error) {
	if err := th.open(); err != nil {
		return err
	}
	err = th.work(ctx)
	th.close()
	if ctx.Err() != nil {
		th.Leave()
	}
	return err
}

// stopWait is how long the last epoch may take to end when the app stops. A broker
// that is away must not keep the app from stopping: the epoch is then given up, and
// its records are processed again.
const stopWait = 30 * time.Second

func (th *Thread) work(ctx context.Context) error {
	late := make(chan struct{})
	defer close(late)
	defer context.AfterFunc(ctx, func() {
		select {
		case <-late:
		case <-time.After(stopWait):
			th.giveUp()
		}
	})()
	if err := th.member.Fence(ctx); err != nil {
		return fmt.Errorf("start stream thread %s: %w", th.o.Name, err)
	}
	for ctx.Err() == nil {
		if err := th.epoch(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (th *Thread) open() (err error) {
	defer close(th.opened)
	ctx, cancel := context.WithCancel(context.Background())
	th.life, th.giveUp = ctx, cancel
	opts := append(slices.Clone(th.o.Member), kgo.WithContext(ctx))
	opts = append(opts, th.groupOptions()...)
	if th.o.Limits != nil {
		opts = append(opts, kgo.ProducerBatchMaxBytesFn(func(topic string) int32 { return int32(th.o.Limits.Bytes(topic)) }))
	}
	if th.o.ExactlyOnce {
		th.member, err = member.ExactlyOnce(th.o.Name, th.o.TransactionTimeout, th.mark, opts)
	} else {
		th.member, err = member.AtLeastOnce(th.mark, opts)
	}
	if err != nil {
		cancel()
		return fmt.Errorf("start stream thread %s: %w", th.o.Name, err)
	}
	th.client = th.member.Client()
	th.brakes = newBrakes(th.client, &th.share)
	th.stops = kafka.NewStops(th.client)
	return nil
}

// closeWait is how long the client may take to close: it waits for the answer to a
// request to join, which the broker gives when all other members have joined.
const closeWait = time.Second

// close stops the tasks and the client. An open transaction is left to be
// aborted by the next producer with this transactional.id, or by its time-out.
func (th *Thread) close() {
	th.summary.Close()
	// After a failure records may still be on their way, and a task does not stop
	// before each of them is acknowledged or has failed.
	th.client.UnsafeAbortBufferedRecords()
	th.stopTasks(func(topology.TaskID) bool { return true })
	late := time.AfterFunc(closeWait, th.giveUp)
	th.member.Close()
	late.Stop()
	th.giveUp()
	th.setWaiting(nil)
	// Until the client was closed it may have been given partitions, and the
	// session does not announce a revocation that follows another one.
	th.stopTasks(func(topology.TaskID) bool { return true })
	th.share.each(th.o.Lags.Lose)
}

// Leave removes a static member from the group, so that its partitions move now and
// not when its session times out. It is called after Run, which does it itself when the
// thread was told to stop: the client would join again when it learns that it is not a
// member any more.
func (th *Thread) Leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cl, err := kgo.NewClient(th.o.Client...)
	if err == nil {
		defer cl.Close()
		leave := kadm.LeaveGroup(th.o.Group).InstanceIDs(th.o.Name).Reason("shutdown")
		_, err = kadm.NewClient(cl).LeaveGroup(ctx, leave)
	}
	if errors.Is(err, kerr.GroupIDNotFound) {
		return // it had not joined
	}
	level := slog.LevelWarn
	if member.Unreachable(err) {
		level = slog.LevelDebug // which is said once for all clients
	}
	if err != nil {
		th.o.Logger.Log(ctx, level, "the group was not left, and the thread's partitions move when its session times out",
			"thread", th.o.Name, "group", th.o.Group, "error", err)
	}
}

// epoch runs one epoch, or waits a while for records.
func (th *Thread) epoch(ctx context.Context) error {
	if th.stops.Forgotten() {
		th.stops.Resume(th.client.CommittedOffsets())
	}
	if err := th.between(ctx); err != nil {
		return err
	}
	if paused, err := th.pause(ctx); paused || err != nil {
		return err
	}
	polled, err := th.poll(ctx, time.Second)
	if err != nil {
		return err
	}
	if len(polled) == 0 && th.unsaid() {
		th.rewind()
		return nil
	}
	ready, err := th.sort(polled)
	if err != nil {
		return err
	}
	if len(ready) == 0 && len(th.refused) == 0 && !(th.markers && len(polled) == 0) {
		return nil
	}
	if err := th.member.Begin(th.life); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	th.unfinished = true
	th.began = time.Now()
	if err := th.fill(ctx, ready); err != nil {
		return th.abort(th.life, err)
	}
	return th.finish()
}

// fill hands records to the tasks until the commit interval is over and the group lets the
// thread commit.
func (th *Thread) fill(ctx context.Context, ready []work) error {
	th.hand(ready)
	if len(ready) == 0 {
		return nil // only batches to be given up, or markers to be committed
	}
	for ctx.Err() == nil && !th.o.Meter.Full() && !th.hurried() {
		left := th.remaining(th.began)
		if left <= 0 {
			break
		}
		polled, err := th.poll(ctx, left)
		if err != nil {
			return err
		}
		if ready, err = th.sort(polled); err != nil {
			return err
		}
		th.hand(ready)
	}
	return nil
}

// between lets a rebalance happen and returns the error of a task that has failed.
func (th *Thread) between(ctx context.Context) error {
	if err := th.o.Check(); err != nil {
		return err
	}
	clear(th.touched)
	th.records, th.refused = 0, nil
	th.o.Meter.Reset()
	th.blocked.Store(false)
	// What was revoked since the last call is settled while the next revocation
	// still waits, as the session announces only one.
	if err := th.settleRevoked(ctx); err != nil {
		return err
	}
	th.client.AllowRebalance()
	if err := th.settleRevoked(ctx); err != nil {
		return err
	}
	th.mu.Lock()
	defer th.mu.Unlock()
	for _, t := range th.tasks {
		if err := t.Err(); err != nil {
			return err
		}
	}
	return nil
}

// settleRevoked makes the session forget a revocation: until its next end it would
// not announce another, and it would abort an epoch that has nothing to do with it.
func (th *Thread) settleRevoked(ctx context.Context) error {
	if !th.revoked.Swap(false) {
		return nil
	}
	if _, err := th.member.End(ctx, false, nil, nil); err != nil {
		return fmt.Errorf("reset after rebalance: %w", err)
	}
	th.rewind()
	return nil
}

// rebalances reports whether partitions come or go, or wait to.
func (th *Thread) rebalances() bool { return th.revoked.Load() || th.blocked.Load() }

// Wake ends a poll early. Any goroutine may call it.
func (th *Thread) Wake() { th.waker.wake() }

// task is the id of the task that a partition feeds.
func (th *Thread) task(topic string, partition int32) topology.TaskID {
	sub, _ := th.o.Sources.Sub(topic)
	return topology.TaskID{Subtopology: sub, Partition: partition}
}

// running returns a task, nil when the thread has none of this id.
func (th *Thread) running(id topology.TaskID) *task.Task {
	th.mu.Lock()
	defer th.mu.Unlock()
	return th.tasks[id]
}

// meet notes a batch that takes too much memory. The client fetches nothing more of its
// partition until the batch is given up.
func (th *Thread) meet(b kafka.Batch) {
	id := th.task(b.Topic, b.Partition)
	if t := th.running(id); t != nil {
		th.refused = append(th.refused, b)
		th.touched[id] = t
	}
}
