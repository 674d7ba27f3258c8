package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/procmetrics"
	"github.com/suiro/suiro/internal/rejections"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/internal/creator"
	"github.com/suiro/suiro/streams/internal/crew"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/life"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/localstores"
	"github.com/suiro/suiro/streams/internal/properties"
	"github.com/suiro/suiro/streams/internal/restore"
	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/internal/thread"
	"github.com/suiro/suiro/streams/internal/topics"
	"github.com/suiro/suiro/streams/topology"
)

// Options are what Go code gives an App; nil is fine.
type Options struct {
	// Logger gets changes of state and what a person should act on. Default:
	// nothing is logged.
	Logger *slog.Logger
	// Metrics registers the app's metrics. Default: a registry of its own, with the
	// metrics of the process too; see [App.Metrics] and [App.Handler].
	Metrics *prometheus.Registry
	// Handlers decide what becomes of records that fail, and of the app when a thread fails.
	// One that is set takes precedence over its key, such as processing.exception.handler.
	// Default: the keys decide, and a thread that fails ends the app.
	Handlers handlers.Handlers
	// Restores hears how far the state of tasks is restored. Default: nobody does.
	Restores RestoreListener
	// OnState is called when the state of the app has changed, from one goroutine, with the
	// changes in their order. A state that is left at once may be left out. Run returns after
	// the last call. Default: nobody is told.
	OnState func(now, was State)
}

// RestoreListener hears how far the state of tasks is restored, as Kafka Streams'
// StateRestoreListener (KIP-869): OnRestoreStart, OnBatchRestored, and then OnRestoreEnd or
// OnRestoreSuspended, for each store of a task that has a changelog.
type RestoreListener = restore.Listener

// TopicPartition is a partition of a changelog.
type TopicPartition = restore.TopicPartition

// App runs a topology. New checks it, Run does everything else, and the stores
// can be queried while it runs.
type App struct {
	id       string
	topology *topology.Topology
	props    *properties.Properties
	check    []kgo.Opt // of the client that looks whether the brokers are there
	client   []kgo.Opt // of every other client: brokers, security, logs
	member   []kgo.Opt // of the threads' clients
	log      *slog.Logger
	registry *prometheus.Registry
	topics   *topics.Topics
	stores   *localstores.Stores
	limits   *limits.Topics
	failures failures.Policy

	life       *life.Life
	crew       *crew.Crew
	paused     atomic.Bool
	onState    func(now, was State)
	restores   RestoreListener
	brokers    *kafka.Brokers
	metrics    *telemetry.Metrics
	lags       *lag.Tracker
	rejections *rejections.Log
}

// New checks the topology and the properties (see [Config]) and returns an app
// that has not started. An error about properties is a [config.Errors] of every
// key that is wrong, unknown keys included.
func New(t *topology.Topology, props map[string]string, o *Options) (*App, error) {
	if o == nil {
		o = &Options{}
	}
	p, err := properties.Parse(props)
	if err != nil {
		return nil, err
	}
	a := &App{
		id: p.ApplicationID(), props: p, topology: p.Place(t), limits: limits.New(p.RecordBytes()),
		log: o.Logger, registry: o.Metrics, failures: failures.New(p.Values, o.Handlers),
		life: life.New(), onState: o.OnState, restores: o.Restores,
	}
	a.lags = lag.New(a.missed)
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.stores = localstores.New(localstores.Options{
		Topology: a.topology, CacheBytes: p.BlockCacheBytes(), MemoryBytes: p.StoreMemoryBytes(), Logger: a.log,
	})
	if err := a.clients(); err != nil {
		return nil, err
	}
	if err := a.measure(); err != nil {
		return nil, err
	}
	p.WarnIgnored(a.log)
	a.rejections = rejections.New(a.log)
	if a.topics, err = topics.New(a.id, a.topology, p.DeadLetters()); err != nil {
		return nil, err
	}
	a.crew = crew.New(crew.Options{Life: a.life, Brokers: a.brokers, Metrics: a.metrics, Uncaught: o.Handlers.Uncaught,
		Logger: a.log})
	return a, nil
}

// isStop reports whether an error only says that ctx is done.
func isStop(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// clients makes the options of the app's clients.
func (a *App) clients() (err error) {
	if a.check, err = a.props.Admin(); err != nil {
		return err
	}
	if a.member, err = a.props.Member(); err != nil {
		return err
	}
	a.brokers = kafka.NewBrokers(a.log)
	watched := []kgo.Opt{a.brokers.Opt(), kafka.Logger(a.log)}
	a.client = slices.Concat(a.check, watched)
	a.member = slices.Concat(a.member, watched)
	return nil
}

// measure registers the app's metrics.
func (a *App) measure() (err error) {
	if a.registry == nil {
		a.registry = prometheus.NewRegistry()
		procmetrics.Register(a.registry)
	}
	all := prometheus.WrapRegistererWith(prometheus.Labels{"application_id": a.id}, a.registry)
	if a.metrics, err = telemetry.New(all); err == nil {
		err = a.metrics.Watch(a.live)
	}
	if err != nil {
		return fmt.Errorf("register metrics of %s: %w; give each app of a registry its own application.id", a.id, err)
	}
	return nil
}

// Metrics returns the app's metrics.
func (a *App) Metrics() *prometheus.Registry { return a.registry }

// Run joins the group and processes records until ctx is done: it then commits
// what is in process, leaves the group and returns nil. It returns an error
// when the app cannot start (brokers, topics, a state folder in use), or when a
// record or the app's own code fails. It may be called once; a second call is an error.
func (a *App) Run(ctx context.Context) error {
	began := time.Now()
	if !a.life.Begin() {
		return fmt.Errorf("run the app %s: it runs or has run: to run it again, make another App with New", a.id)
	}
	told := a.life.Tell(a.onState)
	defer told()
	defer context.AfterFunc(ctx, func() { a.life.Enter(PendingShutdown) })()
	err := a.run(ctx)
	if isStop(ctx, err) {
		err = nil // the app was stopped before it had started
	}
	a.life.End(err)
	level, why := slog.LevelInfo, "it was told to"
	if err != nil {
		level = slog.LevelError
		why, _, _ = strings.Cut(err.Error(), "\n") // the caller has the whole
	}
	a.log.Log(ctx, level, "the app has stopped", "application_id", a.id, "why", why, "records", a.metrics.Total(),
		"ran", time.Since(began).Round(time.Millisecond))
	return err
}

func (a *App) run(ctx context.Context) error {
	a.logStart()
	if err := kafka.Check(ctx, a.check...); err != nil {
		return err
	}
	dir, err := statedir.Open(a.props.StateDir()) // before topics are made for an app that cannot run
	if err != nil {
		return err
	}
	defer dir.Close()
	db, err := a.stores.OpenDB(dir)
	if err != nil {
		return err
	}
	if db != nil {
		defer db.Close()
	}
	plan, err := admin.Prepare(ctx, a.client, a.topics.Names, a.topology, admin.Options{
		Replication: int16(a.props.Int("replication.factor")),
		DeadLetters: a.props.DeadLetters(),
		Configs:     a.props.Topics,

		CreateTopics: a.props.Bool("create.topics"),
		Partitions:   int32(a.props.Int("create.topics.partitions")),
		Brokers:      strings.Join(a.props.List("bootstrap.servers"), ","),
		StateDir:     a.props.StateDir(),
		Stored: func(store string, partition int32) (bool, error) {
			_, ok, err := restore.StoredOffset(db, store, partition)
			return ok, err
		},
	})
	if err != nil {
		return err
	}
	if len(plan.Created) > 0 {
		a.log.Info("topics are created, because create.topics is set", "topics", strings.Join(plan.Created, ","))
	}
	a.stores.Begin(db)
	defer a.stores.End()
	return a.runThreads(ctx, plan, db, dir.ProcessID())
}

// logStart logs what the app is about to run.
func (a *App) logStart() {
	in, out := a.topics.Words()
	v := a.props
	a.log.Info("the app starts", "application_id", a.id, "version", buildinfo.Version(), "group", a.id,
		"brokers", strings.Join(v.List("bootstrap.servers"), ","), "processing_guarantee", v.String("processing.guarantee"),
		"threads", v.Int("num.stream.threads"), "state_dir", a.props.StateDir(), "reads", strings.Join(in, ","),
		"writes", strings.Join(out, ","), "dead_letters", cmp.Or(v.DeadLetters(), "none"))
}

func (a *App) runThreads(ctx context.Context, plan *admin.Plan, db stores.DB, process string) error {
	cl, err := kgo.NewClient(a.client...)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	tasks, err := creator.New(creator.Options{
		Subtopologies: a.topology.Subtopologies(), Properties: a.props, Topics: a.topics, Plan: plan, DB: db,
		Stores: a.stores, Client: a.client, Admin: adm, Limits: a.limits, Failures: a.failures, Rejections: a.rejections,
		Listener: a.restores, Metrics: a.metrics, Logger: a.log,
	})
	if err != nil {
		return err
	}
	defer tasks.Wait()
	running, ctx := errgroup.WithContext(ctx)
	globals, err := a.globals(db, adm)
	if err != nil {
		return err
	}
	a.life.Reads(globals)
	a.stores.Reads(globals)
	for topic := range plan.Sources {
		a.metrics.Topic(topic)
	}
	sources := group.NewSources(plan.Sources)
	running.Go(func() error { a.watch(ctx); return nil })
	running.Go(func() error { lag.Follow(ctx, a.lags, adm, a.log); return nil })
	if globals != nil {
		running.Go(func() error { return globals.Run(ctx) })
		select {
		case <-globals.Ready(): // as the tasks read them
		case <-ctx.Done():
			return running.Wait()
		}
	}
	a.startThreads(ctx, running, sources, func(number int) thread.Options {
		return a.threadOptions(fmt.Sprintf("%s-%s-%d", a.id, process, number), tasks)
	})
	running.Go(func() error { return tasks.Run(ctx) })
	if a.topics.Patterned() {
		running.Go(func() error { a.follower(adm, sources).Run(ctx); return nil })
	}
	purger := &admin.Purger{Client: a.client, Names: a.topics.Names, Expired: a.stores.Expired, Brokers: a.brokers, Log: a.log}
	running.Go(func() error { return purger.Run(ctx) })
	return running.Wait()
}

// startThreads starts the first threads, and makes it possible to add others.
func (a *App) startThreads(ctx context.Context, running *errgroup.Group, sources *group.Sources,
	options func(number int) thread.Options) {
	a.crew.Open(ctx, running, func(number int) thread.Options {
		o := options(number)
		o.Sources = sources
		return o
	}, func() error { return a.tellAll(sources) })
	for range a.threadsWanted() {
		if _, err := a.crew.Add(); err != nil {
			break // the app was stopped meanwhile
		}
	}
	a.life.Wants(0) // an app of global stores alone runs without a thread
}

// follower looks for topics that patterns match, every metadata.max.age.ms.
func (a *App) follower(adm *kadm.Client, sources *group.Sources) *topics.Follower {
	return &topics.Follower{Topics: a.topics, Sources: sources, Admin: adm, Log: a.log,
		Interval: a.props.Millis("metadata.max.age.ms"),
		Changed: func(came, went []string) {
			for _, topic := range came {
				a.metrics.Topic(topic)
			}
			a.life.Each(func(th *thread.Thread) { th.Follow(came, went) })
		}}
}

func (a *App) threadOptions(name string, tasks *creator.Creator) thread.Options {
	v := a.props
	meter := &task.Meter{
		OutputBytes: v.OutputBytes(), OutputRecords: v.Long("commit.max.records"),
		StateBytes: v.StateBytes(),
	}
	return thread.Options{
		Group: a.id, Name: name,
		ExactlyOnce: v.ExactlyOnce(),
		Client:      a.client, Member: a.member,
		Source: a.topics.Source, Internal: a.topics.Repartition(), Grouped: a.topics.Grouped(),
		MaxTaskIdle:        time.Duration(v.Long("max.task.idle.ms")) * time.Millisecond,
		Start:              tasks.Starter(meter),
		CommitInterval:     v.CommitInterval(),
		TransactionTimeout: v.Millis("transaction.timeout.ms"),
		HeartbeatInterval:  v.Millis("heartbeat.interval.ms"),
		MaxPollRecords:     v.Int("max.poll.records"),
		InputBytes:         v.InputBytes(),
		Meter:              meter,
		Limits:             a.limits,
		Told:               a.crew.Hears,
		Paused:             a.paused.Load,
		Changed:            a.life.Changed,
		Metrics:            a.metrics,
		Lags:               a.lags,
		Logger:             a.log,
	}
}
