package app

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/internal/cleanup"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/thread"
	"github.com/suiro/suiro/streams/topology"
)

// tasks starts the tasks of all threads.
type tasks struct {
	app     *App
	plan    *admin.Plan
	db      stores.DB
	adm     *kadm.Client
	subs    []topology.Subtopology
	counts  *admin.Counts
	turns   restore.Turns
	cleaner *cleanup.Cleaner // nil without stores

	mu      sync.Mutex
	stopped map[topology.TaskID]<-chan struct{} // of the last task of each id
	follow  sync.WaitGroup
}

func (a *App) newTasks(plan *admin.Plan, db stores.DB, adm *kadm.Client) (*tasks, error) {
	t := &tasks{app: a, plan: plan, db: db, adm: adm, subs: a.topology.Subtopologies(),
		stopped: map[topology.TaskID]<-chan struct{}{},
		counts:  admin.NewCounts(adm, a.props.Millis("metadata.max.age.ms")),
		turns:   restore.NewTurns(a.props.RestoreBytes())}
	if db == nil {
		return t, nil
	}
	var err error
	t.cleaner, err = cleanup.Open(cleanup.Options{DB: db, Subtopologies: t.subs, Logger: a.log,
		Partitions: func(sub int) int32 { return plan.Partitions[sub] }, Delay: a.props.Millis("state.cleanup.delay.ms")})
	return t, err
}

// starter returns the function that starts the task of an id.
func (t *tasks) starter(meter *task.Meter) func(
	context.Context, topology.TaskID, task.Left, thread.Produce) *task.Task {
	return func(ctx context.Context, id topology.TaskID, left task.Left, produce thread.Produce) *task.Task {
		t.mu.Lock()
		defer t.mu.Unlock()
		o := t.options(id, left)
		o.Meter, o.Produce = meter, produce
		if len(o.Sub.Stores) > 0 {
			o.Changelog, o.DB, o.StateDir = t.app.topics.Names.Changelog, t.db, t.app.props.StateDir()
			o.Turns = t.turns
			o.Away, _ = t.cleaner.Enter(id) // a DB that cannot be read fails the task
		}
		started := task.Start(ctx, o)
		t.stopped[id] = started.Stopped()
		t.app.stores.Follow(started)
		if len(o.Sub.Stores) > 0 {
			t.follow.Go(func() { t.clean(started) })
		}
		return started
	}
}

// options are those of a task without the ones of its thread.
func (t *tasks) options(id topology.TaskID, left task.Left) task.Options {
	a := t.app
	streamTime := int64(task.NoStreamTime)
	for _, at := range left.Times {
		streamTime = max(streamTime, at)
	}
	sub := &t.subs[id.Subtopology]
	return task.Options{
		EmitInterval: emitInterval,
		ID:           id, Sub: sub, ApplicationID: a.id, StreamTime: streamTime, Times: left.Times, Kept: left.Kept,
		Partitions: partitions(t.plan, sub, id), Client: a.client, Admin: t.adm,
		Topic: a.topics.Names.Topic, PartitionsOf: t.counts.Of, Limits: a.limits, OutputBytes: a.props.OutputBytes(),
		NoCache: a.props.NoCache(), Globals: a.stores.Global, Own: a.topics.Own(),
		Ahead:    a.props.Millis("message.timestamp.after.max.ms"),
		Failures: a.failures, Listener: a.restores,

		AdditionalRetention: a.props.Millis("windowstore.changelog.additional.retention.ms"),

		After: t.stopped[id], Metrics: a.metrics.Task(id), Rejections: a.rejections, Logger: a.log,
	}
}

// clean tells the cleaner when a task is there, and when it is not any more. An error is
// left to whoever uses the DB next.
func (t *tasks) clean(started *task.Task) {
	ready := false
	select {
	case <-started.Ready():
		ready = t.cleaner.Ready(started.ID) == nil
	case <-started.Stopped():
	}
	<-started.Stopped()
	if err := t.cleaner.Leave(started.ID, ready); err != nil {
		t.app.log.Debug("note that a task has gone away", "task", started.ID.String(), "error", err)
	}
}

// wait returns when the cleaner knows that all tasks have gone.
func (t *tasks) wait() { t.follow.Wait() }

// partitions is how many partitions a task may have: those of its changelogs, if there are
// some.
func partitions(plan *admin.Plan, sub *topology.Subtopology, id topology.TaskID) int {
	n := int(plan.Partitions[id.Subtopology])
	if len(sub.Logged()) == 0 {
		n = max(n, int(id.Partition)+1) // of a topic that has appeared
	}
	return n
}

// emitInterval is how much of the clock nodes let pass between two looks for windows that
// have closed, as in Kafka Streams.
const emitInterval = time.Second
