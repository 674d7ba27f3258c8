package streams

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/procmetrics"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/pebble"
	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/thread"
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
}

// App runs a topology. New checks it, Run does everything else, and the stores
// can be queried while it runs.
type App struct {
	id       string
	topology *topology.Topology
	values   config.Values
	client   []kgo.Opt // of every client: brokers and security
	member   []kgo.Opt // of the threads' clients
	log      *slog.Logger
	registry *prometheus.Registry
	names    admin.Names
	stores   storeIndex
}

// New checks the topology and the properties (see [Config]) and returns an app
// that has not started. An error about properties is a [config.Errors] of every
// key that is wrong, unknown keys included.
func New(t *topology.Topology, props map[string]string, o *Options) (*App, error) {
	if o == nil {
		o = &Options{}
	}
	values, err := parse(props)
	if err != nil {
		return nil, err
	}
	client, err := kafka.Admin.Options(values)
	if err != nil {
		return nil, err
	}
	member, err := memberOptions(values)
	if err != nil {
		return nil, err
	}
	for _, sub := range t.Subtopologies() {
		if len(sub.Sources) > 1 {
			return nil, fmt.Errorf("subtopology %d reads %d topics: one is supported; "+
				"repartition the others into it, or run them as an app of their own", sub.ID, len(sub.Sources))
		}
	}
	a := &App{
		id: values.String("application.id"), topology: t, values: values, client: client, member: member,
		log: o.Logger, registry: o.Metrics,
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.registry == nil {
		a.registry = prometheus.NewRegistry()
		procmetrics.Register(a.registry)
	}
	warnIgnored(props, a.log)
	a.names = admin.Names{ApplicationID: a.id, Internal: internalTopics(t)}
	if err := a.deadLetterRule().OrNil(); err != nil {
		return nil, err
	}
	if err := a.sinkRule(); err != nil {
		return nil, err
	}
	a.stores.app = a
	return a, nil
}

// Metrics returns the app's metrics.
func (a *App) Metrics() *prometheus.Registry { return a.registry }

// Run joins the group and processes records until ctx is done: it then commits
// what is in process, leaves the group and returns nil. It returns an error
// when the app cannot start (brokers, topics, a state folder in use), or when a
// record or the app's own code fails. It may be called once.
func (a *App) Run(ctx context.Context) error {
	err := a.run(ctx)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // the app was stopped before it had started
	}
	return err
}

func (a *App) run(ctx context.Context) error {
	if err := kafka.Check(ctx, a.client...); err != nil {
		return err
	}
	plan, err := admin.Prepare(ctx, a.client, a.names, a.topology, admin.Options{
		Replication: int16(a.values.Int("replication.factor")),
		DeadLetters: a.values.String(deadLetterKey),

		CreateTopics: a.values.Bool("create.topics"),
		Partitions:   int32(a.values.Int("create.topics.partitions")),
		Brokers:      strings.Join(a.values.List("bootstrap.servers"), ","),
	})
	if err != nil {
		return err
	}
	if len(plan.Created) > 0 {
		a.log.Info("topics are created, because create.topics is set", "topics", strings.Join(plan.Created, ","))
	}
	dir, err := statedir.Open(filepath.Join(a.values.String("state.dir"), a.id))
	if err != nil {
		return err
	}
	defer dir.Close()
	db, err := a.openStores(dir.Path())
	if err != nil {
		return err
	}
	if db != nil {
		defer db.Close()
	}
	a.stores.open(db)
	defer a.stores.close()
	return a.runThreads(ctx, plan, db, dir.ProcessID())
}

// openStores opens the DB of the process, unless the topology has no stores.
func (a *App) openStores(dir string) (stores.DB, error) {
	for _, s := range a.topology.Subtopologies() {
		if len(s.Stores) > 0 {
			return pebble.Open(filepath.Join(dir, "stores"), &pebble.Options{
				CacheBytes: a.values.Long("statestore.block.cache.bytes"), Logger: a.log,
			})
		}
	}
	return nil, nil
}

func (a *App) runThreads(ctx context.Context, plan *admin.Plan, db stores.DB, process string) error {
	cl, err := kgo.NewClient(a.client...)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	group, ctx := errgroup.WithContext(ctx)
	tm, thm := task.NewMetrics(a.registry), thread.NewMetrics(a.registry)
	for i := range a.values.Int("num.stream.threads") {
		o := a.threadOptions(fmt.Sprintf("%s-%s-%d", a.id, process, i+1), plan, db, adm, tm)
		o.Metrics = thm
		group.Go(func() error { return a.keepRunning(ctx, o) })
	}
	if len(a.names.Internal) > 0 {
		group.Go(func() error { return admin.Purge(ctx, a.client, a.names, a.log) })
	}
	return group.Wait()
}

// restartDelay is the pause before a thread is replaced; it doubles up to
// restartDelayMax while threads fail soon and before they have committed anything.
const (
	restartDelay    = 100 * time.Millisecond
	restartDelayMax = 10 * time.Second
)

// keepRunning runs a thread, and replaces it with a new one when it failed because
// of the group or the brokers.
func (a *App) keepRunning(ctx context.Context, o thread.Options) error {
	for pause := (backoff.Backoff{First: restartDelay, Max: restartDelayMax}); ; {
		began := time.Now()
		th := thread.New(o)
		err := th.Run(ctx)
		o.Budget = th.Budget()
		if err != nil && ctx.Err() != nil && (errors.Is(err, ctx.Err()) || thread.Recoverable(err)) {
			a.log.Warn("stopped without a commit: the records in process will be processed again", "thread", o.Name,
				"error", err)
			return nil
		}
		if err == nil || !thread.Recoverable(err) {
			return err
		}
		if th.Useful() || time.Since(began) > time.Minute {
			pause.Reset()
		}
		delay := pause.Next()
		a.log.Warn("replace stream thread", "thread", o.Name, "delay", delay, "error", err)
		if backoff.Sleep(ctx, delay) != nil {
			return nil // the app was stopped
		}
	}
}

func (a *App) threadOptions(name string, plan *admin.Plan, db stores.DB, adm *kadm.Client,
	metrics *task.Metrics) thread.Options {
	v := a.values
	internal := map[string]bool{}
	for topic := range a.names.Internal {
		internal[a.names.Topic(topic)] = true
	}
	return thread.Options{
		Group: a.id, Name: name,
		ExactlyOnce: v.String("processing.guarantee") == ExactlyOnceV2,
		Client:      a.client, Member: a.member,
		Sources: plan.Sources, Internal: internal,
		Start:              a.starter(plan, db, adm, metrics),
		CommitInterval:     commitInterval(v),
		TransactionTimeout: v.Millis("transaction.timeout.ms"),
		HeartbeatInterval:  v.Millis("heartbeat.interval.ms"),
		MaxPollRecords:     v.Int("max.poll.records"),
		InputBytes:         v.Long("input.buffer.max.bytes"),
		StateBytes:         v.Long("statestore.cache.max.bytes"),
		Logger:             a.log,
	}
}

// starter returns the function that starts the task of an id.
func (a *App) starter(plan *admin.Plan, db stores.DB, adm *kadm.Client, metrics *task.Metrics) func(
	context.Context, topology.TaskID, thread.Produce) *task.Task {
	subs := a.topology.Subtopologies()
	var mu sync.Mutex
	stopped := map[topology.TaskID]<-chan struct{}{} // of the last task of each id
	return func(ctx context.Context, id topology.TaskID, produce thread.Produce) *task.Task {
		mu.Lock()
		defer mu.Unlock()
		o := task.Options{
			ID: id, Sub: &subs[id.Subtopology], ApplicationID: a.id,
			Partitions: int(plan.Partitions[id.Subtopology]), Produce: produce, Client: a.client, Admin: adm,
			Topic:           a.names.Topic,
			MaxRequestBytes: a.values.Int("max.request.size"),
			DeadLetters:     a.values.String(deadLetterKey),
			After:           stopped[id], Metrics: metrics, Logger: a.log,
		}
		if len(o.Sub.Stores) > 0 {
			o.Changelog, o.DB = a.names.Changelog(id.Subtopology), db
		}
		t := task.Start(ctx, o)
		stopped[id] = t.Stopped()
		a.stores.follow(t)
		return t
	}
}

// deadLetterRule refuses a dead-letter topic that the app reads itself: a bad
// record would come back as a dead letter, be rejected again, and so on without
// end.
func (a *App) deadLetterRule() (errs config.Errors) {
	topic := a.values.String(deadLetterKey)
	refuse := func(why string) {
		errs = append(errs, config.Errorf(deadLetterKey, topic, "%s: choose another topic", why))
	}
	for _, sub := range a.topology.Subtopologies() {
		for _, s := range sub.Sources {
			if topic != "" && a.names.Topic(s.Topic) == topic {
				refuse("is read by the app itself, so that dead letters would come back")
			}
		}
		if len(sub.Stores) > 0 && a.names.Changelog(sub.ID) == topic {
			refuse("is a changelog of the app, which dead letters would damage")
		}
	}
	return errs
}

// sinkRule refuses outputs that are the app's own repartition topics or changelogs:
// what is written there would be taken for the app's state.
func (a *App) sinkRule() error {
	own := map[string]bool{}
	for _, sub := range a.topology.Subtopologies() {
		own[a.names.Changelog(sub.ID)] = len(sub.Stores) > 0
		for _, s := range sub.Sources {
			if s.Internal {
				own[a.names.Topic(s.Topic)] = true
			}
		}
	}
	for _, sub := range a.topology.Subtopologies() {
		for _, s := range sub.Sinks {
			if !s.Internal && own[s.Topic] {
				return fmt.Errorf("node %s writes topic %s, which is an internal topic of the app: choose another topic or "+
					"another application.id", s.Name, s.Topic)
			}
		}
	}
	return nil
}

// internalTopics returns the names of the topology's repartition topics.
func internalTopics(t *topology.Topology) map[string]bool {
	m := map[string]bool{}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Sources {
			if s.Internal {
				m[s.Topic] = true
			}
		}
	}
	return m
}
