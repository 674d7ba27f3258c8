package app

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/internal/creator"
	"github.com/suiro/suiro/streams/internal/global"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/life"
	"github.com/suiro/suiro/streams/internal/meter"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/internal/thread"
	"github.com/suiro/suiro/streams/internal/topics"
)

const (
	// maxLook is the longest time between two looks at the topic of a global store, and at internal
	// topics, which may have been deleted or made again.
	maxLook = 10 * time.Second
	// leaderWait is how long the topics of the app may have no leader when it starts, at least.
	leaderWait = 30 * time.Second
	// stopAllWait is how long the other instances may take to stop.
	stopAllWait = time.Minute
)

// run is what an app has while it runs.
type run struct {
	*App
	process string // names the instance
	db      stores.DB
	plan    *admin.Plan
	adm     *kadm.Client
	tasks   *creator.Creator
	globals *global.Stores // nil when the topology has none
	guard   *admin.Guard   // of topics
	sources *group.Sources
}

// do opens the state of the app, makes its topics, and then works until ctx is done.
func (r *run) do(ctx context.Context) error {
	r.logStart()
	if err := kafka.Check(ctx, r.check...); err != nil {
		return err
	}
	dir, err := statedir.Open(r.props.StateDir()) // before topics are made for an app that cannot run
	if err != nil {
		return err
	}
	defer dir.Close()
	r.process = dir.ProcessID()
	if r.db, err = r.stores.OpenDB(dir); err != nil {
		return err
	}
	if r.db != nil {
		defer r.db.Close()
	}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	r.stores.Begin(r.db)
	defer r.stores.End()
	cl, err := kgo.NewClient(r.client...)
	if err != nil {
		return err
	}
	defer cl.Close()
	r.adm, r.guard = kadm.NewClient(cl), r.newGuard()
	r.life.Waits(r.guard.Waiting)
	return r.work(ctx)
}

// logStart logs what the app is about to run.
func (r *run) logStart() {
	in, out := r.topics.Words()
	p := r.props
	r.log.Info("the app starts", "application_id", r.id, "version", buildinfo.Version(), "group", r.id,
		"brokers", strings.Join(p.List("bootstrap.servers"), ","), "processing_guarantee", p.String("processing.guarantee"),
		"threads", p.Int("num.stream.threads"), "state_dir", p.StateDir(), "reads", strings.Join(in, ","),
		"writes", strings.Join(out, ","), "dead_letters", cmp.Or(p.DeadLetters(), "none"))
}

// prepare checks and makes the topics.
func (r *run) prepare(ctx context.Context) (err error) {
	p := r.props
	r.plan, err = admin.Prepare(ctx, r.client, r.topics.Names, r.topology, admin.Options{
		Replication: int16(p.Int("replication.factor")),
		DeadLetters: p.DeadLetters(),
		Configs:     p.Topics,
		Ahead:       p.Millis("message.timestamp.after.max.ms"),

		CreateTopics: p.Bool("create.topics"),
		Partitions:   int32(p.Int("create.topics.partitions")),
		Brokers:      strings.Join(p.List("bootstrap.servers"), ","),
		StateDir:     p.StateDir(),
		Patience:     max(p.Millis("task.timeout.ms"), leaderWait),
		Logger:       r.log,
		Stored: func(store string, partition int32) (bool, error) {
			_, ok, err := restore.StoredOffset(r.db, store, partition)
			return ok, err
		},
	})
	if err != nil {
		return err
	}
	if len(r.plan.Created) > 0 {
		r.log.Info("topics are created, because create.topics is set", "topics", strings.Join(r.plan.Created, ","))
	}
	for topic := range r.plan.Sources {
		r.metrics.Topic(topic)
	}
	r.sources = group.NewSources(r.plan.Sources)
	return nil
}

// work runs threads, and all that there is beside them, until ctx is done or one of them fails.
func (r *run) work(ctx context.Context) (err error) {
	if r.tasks, err = r.newTasks(); err != nil {
		return err
	}
	defer r.tasks.Wait()
	if r.globals, err = r.newGlobals(); err != nil {
		return err
	}
	r.life.Reads(r.globals)
	r.stores.Reads(r.globals)
	running, ctx := errgroup.WithContext(ctx)
	running.Go(func() error { r.watch(ctx); return nil })
	running.Go(func() error { lag.Follow(ctx, r.lags, r.adm, r.log); return nil })
	running.Go(func() error { return r.guard.Run(ctx) })
	if r.globals != nil {
		running.Go(func() error { return r.globals.Run(ctx) })
		select {
		case <-r.globals.Ready(): // as the tasks read them
		case <-ctx.Done():
			return running.Wait()
		}
	}
	r.startThreads(ctx, running)
	running.Go(func() error { return r.tasks.Run(ctx) })
	if r.topics.Patterned() {
		running.Go(func() error { r.follower().Run(ctx); return nil })
	}
	running.Go(func() error { return r.purger().Run(ctx) })
	return running.Wait()
}

// newGuard returns what notices that topics are deleted.
func (r *run) newGuard() *admin.Guard {
	own, repartition := map[string]bool{}, r.topics.Repartition()
	for topic := range r.topics.Own() {
		own[topic] = !repartition[topic]
	}
	return &admin.Guard{
		Client: r.client, Own: own, Inputs: r.topics.Inputs(), Patience: r.props.Millis("task.timeout.ms"),
		Brokers: strings.Join(r.props.List("bootstrap.servers"), ","), StateDir: r.props.StateDir(), Log: r.log,
		Interval: r.lookInterval(),
	}
}

// lookInterval is the time between two looks at topics that may be deleted or made again.
func (r *run) lookInterval() time.Duration {
	return max(topics.LeastAge, min(r.props.Millis("metadata.max.age.ms"), maxLook))
}

func (r *run) newTasks() (*creator.Creator, error) {
	return creator.New(creator.Options{
		Subtopologies: r.topology.Subtopologies(), Properties: r.props, Topics: r.topics, Plan: r.plan, DB: r.db,
		Stores: r.stores, Client: r.client, Admin: r.adm, Limits: r.limits, Failures: r.failures, Rejections: r.rejections,
		Listener: r.restores, Metrics: r.metrics, Logger: r.log,
	})
}

func (r *run) newGlobals() (*global.Stores, error) {
	all := r.topology.Globals()
	if len(all) == 0 {
		return nil, nil
	}
	return global.New(global.Options{
		Stores: all, DB: r.db, ApplicationID: r.id, Client: r.reader, Admin: r.adm,
		LookInterval:   r.lookInterval(),
		MaxPollRecords: r.props.Int("max.poll.records"), Failures: r.failures, Limits: r.limits,
		Metrics: r.metrics.Task(global.TaskID()), Shared: r.stores.Shared(),
		Lags: r.lags, Rejections: r.rejections, Logger: r.log,
	})
}

// reader returns the options of the client of a global store.
func (r *run) reader() ([]kgo.Opt, error) {
	opts, err := r.props.Member()
	return append(opts, r.brokers.Opt(), kafka.Logger(r.log)), err
}

// watch logs how far restoring has come until ctx is done.
func (r *run) watch(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for p := (life.Progress{Since: time.Now()}); ; {
		select {
		case <-ctx.Done():
			r.rejections.End()
			return
		case <-tick.C:
		}
		r.stores.CheckMemory()
		p.Look(r.log, r.life.Now(), time.Now())
	}
}

// startThreads starts the first threads, and makes it possible to add others.
func (r *run) startThreads(ctx context.Context, running *errgroup.Group) {
	r.crew.Open(ctx, running, r.thread, r.stopAll)
	for range r.threads() {
		if _, err := r.crew.Add(); err != nil {
			break // the app was stopped meanwhile
		}
	}
	r.life.Wants(0) // an app of global stores alone runs without a thread
}

// threads is how many threads the app has at first: none when all that it does is to keep
// global stores.
func (r *run) threads() int {
	for _, sub := range r.topology.Subtopologies() {
		if sub.Global == nil {
			return r.props.Int("num.stream.threads")
		}
	}
	return 0
}

// stopAll tells all members of the group to stop, those of this instance included.
func (r *run) stopAll() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopAllWait)
	defer cancel()
	return group.StopAll(ctx, r.client, r.id, r.sources.Topics(), r.sources.Balancer(r.topics.Grouped()))
}

// thread returns the options of the thread of a number.
func (r *run) thread(number int) thread.Options {
	p := r.props
	bounds := &meter.Meter{
		OutputBytes: p.OutputBytes(), OutputRecords: p.Long("commit.max.records"), StateBytes: p.StateBytes(),
		Threads: r.crew.Size(),
	}
	return thread.Options{
		Group: r.id, Name: fmt.Sprintf("%s-%s-%d", r.id, r.process, number),
		ExactlyOnce: p.ExactlyOnce(),
		Client:      r.client, Member: r.member,
		Sources: r.sources, Source: r.topics.Source, Internal: r.topics.Repartition(), Grouped: r.topics.Grouped(),
		MaxTaskIdle:        time.Duration(p.Long("max.task.idle.ms")) * time.Millisecond,
		Start:              r.tasks.Starter(bounds),
		Processing:         r.tasks.Processing,
		CommitInterval:     p.CommitInterval(),
		TransactionTimeout: p.Millis("transaction.timeout.ms"),
		HeartbeatInterval:  p.Millis("heartbeat.interval.ms"),
		MaxPollRecords:     p.Int("max.poll.records"),
		InputBytes:         p.InputBytes(),
		Threads:            r.crew.Size(),
		Meter:              bounds,
		Limits:             r.limits,
		Told:               r.crew.Hears,
		Paused:             r.paused.Load,
		Check:              r.guard.Lost,
		Changed:            r.life.Changed,
		Metrics:            r.metrics,
		Lags:               r.lags,
		Logger:             r.log,
	}
}

// follower looks for topics that patterns match, every metadata.max.age.ms.
func (r *run) follower() *topics.Follower {
	return &topics.Follower{Topics: r.topics, Sources: r.sources, Admin: r.adm, Log: r.log,
		Interval: r.props.Millis("metadata.max.age.ms"),
		Changed: func(came, went []string) {
			for _, topic := range came {
				r.metrics.Topic(topic)
			}
			r.life.Each(func(th *thread.Thread) { th.Follow(came, went) })
		}}
}

// purger deletes what is processed of repartition topics, and what has expired of changelogs.
func (r *run) purger() *admin.Purger {
	return &admin.Purger{Client: r.client, Names: r.topics.Names, Expired: r.stores.Expired, Brokers: r.brokers,
		Log: r.log}
}
