package distributed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/group/signing"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/distributed/internal/crew"
	"github.com/suiro/suiro/connect/herder/internal/address"
	"github.com/suiro/suiro/connect/herder/internal/catalog"
	"github.com/suiro/suiro/connect/herder/internal/health"
	"github.com/suiro/suiro/connect/herder/internal/loggers"
	"github.com/suiro/suiro/connect/herder/internal/offsets"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Options are what Go code passes to a herder; nil is fine.
type Options struct {
	// Logger takes the log. Default: nothing is logged.
	Logger *slog.Logger
	// WorkerID is host:port where the REST API of this worker listens. Other workers
	// send requests there, under the name that rest.advertised.host.name and
	// rest.advertised.port give it. Default: the first of listeners.
	WorkerID string
	// Version is the version that the REST API shows. Default: that of the build.
	Version string
	// Commit is the revision that the REST API shows. Default: that of the build.
	Commit string
	// Leader makes what asks the leader for what it alone may do; sign adds the signature
	// of a body to the headers of a request. Without it connectors that this worker runs
	// get tasks only while it is the leader itself.
	Leader func(sign func(h http.Header, body []byte) error) Leader
}

// These are embedded under names of their own, so that [Herder] shows their methods
// alone.
type (
	levels    = loggers.Levels
	catalogue = catalog.Catalog
)

var _ herder.Herder = (*Herder)(nil)

// Herder is one worker of a group that shares connectors. It is safe for concurrent
// use.
type Herder struct {
	*catalogue
	*levels
	*views
	*requests
	cfg      *plan.Worker
	worker   *worker.Worker
	options  Options
	warnings []string
	log      *slog.Logger

	made     time.Time
	phase    atomic.Int32 // a health.Phase
	stop     context.CancelFunc
	running  sync.WaitGroup // what Start has started
	configs  *configs.Store
	statuses *statuses.Store
	client   *kgo.Client // of the group
	loads    *crew.Loads
}

// New returns a herder that has not been started, for a configuration that
// [plan.ParseDistributed] has read. The error names plugins that [connect.Plugins.Check]
// refuses, or is about the worker's converters, as [plan.CheckConverters] finds them.
func New(cfg *plan.Worker, plugins connect.Plugins, o *Options) (*Herder, error) {
	if err := plugins.Check(); err != nil {
		return nil, fmt.Errorf("plugins of the worker: %w", err)
	}
	warnings, errs := plan.CheckConverters(cfg, plugins)
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	h := &Herder{cfg: cfg, warnings: append(slices.Clone(cfg.Warnings), warnings...), options: withDefaults(cfg, o),
		made: time.Now()}
	h.levels = loggers.New(h.options.Logger)
	h.log = h.levels.Logger("herder")
	h.worker = worker.New(cfg, plugins, &worker.Options{Logger: h.levels.Logger("worker")})
	h.catalogue = catalog.New(h.worker, cfg)
	h.views = &views{cfg: cfg, plugins: plugins}
	h.requests = &requests{views: h.views, plans: h.catalogue, kept: offsets.New(h.worker),
		turns: newTurns()}
	return h, nil
}

func withDefaults(cfg *plan.Worker, o *Options) Options {
	var out Options
	if o != nil {
		out = *o
	}
	if out.Logger == nil {
		out.Logger = slog.New(slog.DiscardHandler)
	}
	out.WorkerID = address.Of(cfg, out.WorkerID)
	out.Version = cmp.Or(out.Version, buildinfo.Version())
	out.Commit = cmp.Or(out.Commit, buildinfo.Revision())
	return out
}

// Start connects to Kafka, reads the topics of the group and joins it in the background.
// ctx bounds the start only.
func (h *Herder) Start(ctx context.Context) error {
	for _, warning := range h.warnings {
		h.log.Warn(warning)
	}
	if err := h.worker.Start(ctx); err != nil {
		return err
	}
	if err := h.open(ctx); err != nil {
		return errors.Join(err, h.close())
	}
	h.phase.Store(int32(health.Working))
	d := h.cfg.Distributed
	h.log.Info("worker started", h.worker.About("version", h.options.Version, "worker_id", h.options.WorkerID,
		"config_topic", d.ConfigTopic, "status_topic", d.StatusTopic, "protocol", d.Protocol)...)
	return nil
}

// open opens the topics and the group, and starts what reads, writes and decides.
func (h *Herder) open(ctx context.Context) error {
	c := h.cfg.Distributed
	signer, err := signing.New(signing.Options{KeyAlgorithm: c.KeyAlgorithm, KeyBits: c.KeySize, TTL: c.KeyTTL,
		Algorithm: c.SignatureAlgorithm, Accepted: c.VerificationAlgorithms})
	if err != nil {
		return err
	}
	d := newDecider(signer, patient{sync: c.SyncTimeout, unsync: c.UnsyncBackoff, leaving: patience}, h.log)
	if err := h.openTopics(ctx, d); err != nil {
		return err
	}
	d.keys.learn(h.configs.Snapshot())
	d.reports = crew.NewReports(h.statuses, h.options.WorkerID, func(name string) bool {
		return h.configs.Snapshot().Has(name)
	})
	leader := h.leader(signer)
	f := &fencer{decider: d, leader: leader, fences: h.fences, plans: h.catalogue, turns: newTurns()}
	h.requests.fencer = f
	d.crew = crew.New(crew.NewMachine(h.worker, h.catalogue), d.reports, crew.Options{
		Publish: (&publisher{d, leader}).publish, Fences: h.fences, Fence: f.fence, Verify: f.verify, Again: d.lookAgain,
		Patience: h.cfg.GracefulTimeout + patience}, h.log)
	if err := h.openGroup(d); err != nil {
		return err
	}
	h.run(d)
	return nil
}

// leader makes what asks the leader; nil when nothing can.
func (h *Herder) leader(s *signing.Signer) Leader {
	if h.options.Leader == nil {
		return nil
	}
	return h.options.Leader(func(header http.Header, body []byte) error {
		return s.Sign(&http.Request{Header: header}, body)
	})
}

// fences reports whether a connector is an exactly-once source.
func (h *Herder) fences(config map[string]string) bool {
	if !h.cfg.ExactlyOnce {
		return false
	}
	kind, err := plan.TypeOf(h.views.plugins, config)
	return err == nil && kind == plan.Source
}

// run starts what reads, writes and decides, and lets requests in.
func (h *Herder) run(d *decider) {
	h.requests.decider, h.views.board = d, h.statuses
	var s store = h.configs
	h.views.store.Store(&s)
	deciding, stopDeciding := context.WithCancel(context.Background())
	reading, stopReading := context.WithCancel(context.Background())
	h.stop = func() {
		stopDeciding()
		<-d.ended
		h.flush()
		stopReading()
	}
	h.running.Go(func() { d.run(deciding) })
	h.running.Go(func() { h.follow("the config topic", h.configs.Run(reading)) })
	h.running.Go(func() { h.follow("the status topic", h.statuses.Run(reading)) })
	h.running.Go(func() { d.reports.Insist(deciding, d.crew) })
	if h.cfg.Distributed.Load {
		h.running.Go(func() { h.loads.Run(deciding) })
	}
	if h.cfg.TopicTracking {
		h.running.Go(func() { crew.TrackTopics(deciding, d.crew) })
	}
}

// follow logs why a topic is followed no further.
func (h *Herder) follow(topic string, err error) {
	if err != nil {
		h.log.Error(topic+" is read no further: this worker knows nothing new until it is started again", "error", err)
	}
}

// patience is how long the herder waits for what has its own time-out, and for brokers
// when it stops.
const patience = 5 * time.Second

// openTopics opens the config topic and the status topic.
func (h *Herder) openTopics(ctx context.Context, d *decider) error {
	opts, err := h.cfg.Producer.Options()
	if err != nil {
		return err
	}
	c := h.cfg.Distributed
	logger := h.levels.Logger("backing")
	h.configs, err = configs.Open(ctx, c.ConfigTopic, &configs.Options{Listener: d.changed,
		Replication: int16(c.ConfigReplication), Settings: c.ConfigSettings, Logger: logger,
		TransactionalID: "connect-cluster-" + h.cfg.GroupID}, opts...)
	if err != nil {
		return err
	}
	d.store = h.configs
	h.statuses, err = statuses.Open(ctx, c.StatusTopic, &statuses.Options{Partitions: int32(c.StatusPartitions),
		Replication: int16(c.StatusReplication), Settings: c.StatusSettings, Logger: logger}, opts...)
	if err != nil {
		return err
	}
	d.board = h.statuses
	return nil
}

// openGroup makes the worker ready to join.
func (h *Herder) openGroup(d *decider) error {
	opts, err := h.cfg.Admin.Options()
	if err != nil {
		return err
	}
	if h.client, err = kgo.NewClient(opts...); err != nil {
		return fmt.Errorf("open a client for group %s: %w", h.cfg.GroupID, err)
	}
	c := h.cfg.Distributed
	protocol, err := group.ParseProtocol(c.Protocol)
	if err != nil {
		return err
	}
	h.loads = crew.NewLoads(d.crew)
	if c.Load {
		protocol = group.Load
	}
	d.member = group.New(h.client, group.Options{Group: h.cfg.GroupID,
		URL:   h.cfg.AdvertisedScheme + "://" + h.options.WorkerID + "/",
		State: d.divide, Protocol: protocol, Loads: h.loads.Measured, LoadPause: c.LoadInterval,
		SessionTimeout: c.SessionTimeout, Heartbeat: c.Heartbeat, RebalanceTimeout: c.RebalanceTimeout,
		MaxDelay: c.MaxDelay, Log: h.levels.Logger("group")})
	return nil
}

// Stop stops all connectors and tasks of this worker, leaves the group and disconnects.
func (h *Herder) Stop(context.Context) error {
	h.phase.Store(int32(health.Stopping))
	asked := time.Now()
	if h.stop != nil {
		h.stop()
	}
	h.running.Wait()
	err := h.close()
	h.log.Info("worker stopped", "took", time.Since(asked).Round(time.Millisecond))
	return err
}

// flush waits until the last statuses are written, or brokers do not answer.
func (h *Herder) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.statuses.Flush(ctx); err != nil {
		h.log.Warn("the last statuses of this worker were not written", "cause", err)
	}
}

// close frees what open has opened.
func (h *Herder) close() error {
	if h.client != nil {
		h.client.Close()
	}
	if h.statuses != nil {
		h.statuses.Close()
	}
	if h.configs != nil {
		h.configs.Close()
	}
	return h.worker.Close()
}

// SetClusterLoggerLevel implements [herder.Loggers].
func (h *Herder) SetClusterLoggerLevel(ctx context.Context, name, level string) error {
	if h.views.store.Load() == nil {
		return starting()
	}
	if _, err := h.levels.SetLoggerLevel(name, level); err != nil {
		return err
	}
	return h.configs.PutLogger(ctx, name, level)
}
