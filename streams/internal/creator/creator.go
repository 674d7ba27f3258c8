// Package creator makes the tasks of all threads of an app, as Kafka Streams' ActiveTaskCreator
// does, and has the state of those cleaned up that have gone.
package creator

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/rejections"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/internal/cleanup"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/localstores"
	"github.com/suiro/suiro/streams/internal/meter"
	"github.com/suiro/suiro/streams/internal/properties"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/internal/thread"
	"github.com/suiro/suiro/streams/internal/topics"
	"github.com/suiro/suiro/streams/topology"
)

// Options are what all tasks of an app share.
type Options struct {
	// Subtopologies are what tasks run.
	Subtopologies []topology.Subtopology
	// Properties are those of the app.
	Properties *properties.Properties
	// Topics are those of the app, and Plan how many partitions they have.
	Topics *topics.Topics
	Plan   *admin.Plan
	// DB has the stores, nil without any, and Stores are told of the tasks that have some.
	DB     stores.DB
	Stores *localstores.Stores
	// Client has the options of clients that ask brokers, and Admin asks them.
	Client []kgo.Opt
	Admin  *kadm.Client
	// Limits are how large records of topics may be.
	Limits *limits.Topics
	// Failures decides what becomes of records that fail, and Rejections logs them.
	Failures   failures.Policy
	Rejections *rejections.Log
	// Listener hears how far state is restored, nil for nobody.
	Listener restore.Listener
	// Metrics are those of the app.
	Metrics *telemetry.Metrics
	// Logger gets what a person should act on.
	Logger *slog.Logger
}

// Creator starts tasks. Any goroutine may use it.
type Creator struct {
	o       Options
	counts  *admin.Counts
	turns   restore.Turns
	cleaner *cleanup.Cleaner // nil without stores

	mu      sync.Mutex
	stopped map[topology.TaskID]<-chan struct{} // of the last task of each id
	follow  sync.WaitGroup
}

// New returns a Creator that has made no task yet. The error is that of a DB that cannot be read.
func New(o Options) (*Creator, error) {
	p := o.Properties
	c := &Creator{o: o, stopped: map[topology.TaskID]<-chan struct{}{},
		counts: admin.NewCounts(o.Admin, p.Millis("metadata.max.age.ms")), turns: restore.NewTurns(p.RestoreBytes())}
	if o.DB == nil {
		return c, nil
	}
	var err error
	c.cleaner, err = cleanup.Open(cleanup.Options{DB: o.DB, Subtopologies: o.Subtopologies, Logger: o.Logger,
		Partitions: func(sub int) int32 { return o.Plan.Partitions[sub] }, Delay: p.Millis("state.cleanup.delay.ms")})
	return c, err
}

// Run cleans up until ctx is done. Without stores there is nothing to do.
func (c *Creator) Run(ctx context.Context) error {
	if c.cleaner == nil {
		return nil
	}
	return c.cleaner.Run(ctx)
}

// Processing says that tasks process records, beside which others are restored more slowly. Any
// goroutine may call it.
func (c *Creator) Processing() { c.turns.Processing() }

// Wait returns when it is noted of all tasks that they have gone.
func (c *Creator) Wait() { c.follow.Wait() }

// Starter returns the function that starts the task of an id for a thread.
func (c *Creator) Starter(m *meter.Meter) func(
	context.Context, topology.TaskID, task.Left, thread.Produce) *task.Task {
	return func(ctx context.Context, id topology.TaskID, left task.Left, produce thread.Produce) *task.Task {
		c.mu.Lock()
		defer c.mu.Unlock()
		o := c.options(id, left)
		o.Meter, o.Produce = m, produce
		if len(o.Sub.Stores) > 0 {
			o.Changelog, o.DB, o.StateDir = c.o.Topics.Names.Changelog, c.o.DB, c.o.Properties.StateDir()
			o.Turns, o.Shared = c.turns, c.o.Stores.Shared()
			o.Away, _ = c.cleaner.Enter(id) // a DB that cannot be read fails the task
		}
		started := task.Start(ctx, o)
		c.stopped[id] = started.Stopped()
		c.o.Stores.Follow(started)
		if len(o.Sub.Stores) > 0 {
			c.follow.Go(func() { c.clean(started) })
		}
		return started
	}
}

// options are those of a task without the ones of its thread.
func (c *Creator) options(id topology.TaskID, left task.Left) task.Options {
	o, p := &c.o, c.o.Properties
	streamTime := int64(task.NoStreamTime)
	for _, at := range left.Times {
		streamTime = max(streamTime, at)
	}
	sub := &o.Subtopologies[id.Subtopology]
	return task.Options{
		EmitInterval: emitInterval,
		ID:           id, Sub: sub, ApplicationID: p.ApplicationID(), StreamTime: streamTime, Times: left.Times,
		Kept: left.Kept, Partitions: partitions(o.Plan, sub, id), Client: o.Client, Admin: o.Admin,
		Topic: o.Topics.Names.Topic, PartitionsOf: c.counts.Of, Limits: o.Limits, OutputBytes: p.OutputBytes(),
		NoCache: p.NoCache(), Globals: o.Stores.Global, Own: o.Topics.Own(),
		Ahead:    p.Millis("message.timestamp.after.max.ms"),
		Failures: o.Failures, Listener: o.Listener,

		AdditionalRetention: p.Millis("windowstore.changelog.additional.retention.ms"),

		After: c.stopped[id], Metrics: o.Metrics.Task(id), Rejections: o.Rejections, Logger: o.Logger,
	}
}

// clean tells the cleaner when a task is there, and when it is not any more. An error is
// left to whoever uses the DB next.
func (c *Creator) clean(started *task.Task) {
	ready := false
	select {
	case <-started.Ready():
		ready = c.cleaner.Ready(started.ID) == nil
	case <-started.Stopped():
	}
	<-started.Stopped()
	if err := c.cleaner.Leave(started.ID, ready); err != nil {
		c.o.Logger.Debug("note that a task has gone away", "task", started.ID.String(), "error", err)
	}
}

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
