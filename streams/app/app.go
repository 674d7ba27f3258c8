package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/procmetrics"
	"github.com/suiro/suiro/internal/rejections"
	"github.com/suiro/suiro/streams/internal/crew"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/life"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/localstores"
	"github.com/suiro/suiro/streams/internal/properties"
	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/internal/topics"
	"github.com/suiro/suiro/streams/topology"
)

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
	a.limits.SetPatience(p.Millis("task.timeout.ms"))
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.stores = localstores.New(localstores.Options{
		Topology: a.topology, CacheBytes: p.BlockCacheBytes(), MemoryBytes: p.StoreMemoryBytes(),
		SharedBytes: p.TaskMemoryBytes(), Logger: a.log,
	})
	if err := a.clients(); err != nil {
		return nil, err
	}
	if a.topics, err = topics.New(a.id, a.topology, p.DeadLetters()); err != nil {
		return nil, err
	}
	if err := a.measure(); err != nil { // the last that fails: a registry of the caller's keeps what it was given
		return nil, err
	}
	p.WarnIgnored(a.log)
	a.rejections = rejections.New(a.log)
	a.crew = crew.New(crew.Options{Life: a.life, Brokers: a.brokers, Metrics: a.metrics, Uncaught: o.Handlers.Uncaught,
		Logger: a.log})
	return a, nil
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
		err = errors.Join(a.metrics.Watch(a.live), all.Register(procmetrics.Memory{Budget: a.props.Memory}))
	}
	if err != nil {
		return fmt.Errorf("register metrics of %s: %w; give each app of a registry its own application.id", a.id, err)
	}
	return nil
}

// missed says that retention took records away before they were read.
func (a *App) missed(topic string, partition int32, from, to int64) {
	a.metrics.Missed(topic, to-from)
	a.log.Warn("records were deleted before they were read: retention is shorter than the time that this app was behind",
		"partition", fmt.Sprintf("%s-%d", topic, partition), "from", from, "to", to-1)
}

// live is what metrics show of this moment.
func (a *App) live() telemetry.Live {
	v := a.life.Now()
	l := v.Live()
	l.Reachable, _, _ = a.brokers.State()
	l.Disk = statedir.Bytes(filepath.Join(a.props.StateDir(), "stores"))
	l.Memory, l.Lags = a.stores.Memory(), a.lags.Lags()
	l.Shared, l.SharedLimit = a.stores.Shared().Held(), a.stores.Shared().Limit()
	l.Stores, l.Database = a.stores.Figures(time.Now())
	return l
}

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
	err := (&run{App: a}).do(ctx)
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

// isStop reports whether an error only says that ctx is done.
func isStop(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err())
}
