package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/rebalances"
	"github.com/suiro/suiro/connect/worker/internal/tap"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Options are what Go code passes to a worker; nil is fine.
type Options struct {
	// Logger takes the worker's log. Default: nothing is logged.
	Logger *slog.Logger
}

// Worker runs connectors. All of them share its configuration and its store of
// source offsets.
type Worker struct {
	plan    *plan.Worker
	plugins connect.Plugins
	logger  *slog.Logger
	offsets offsetStores
	cluster string
	admin   *kgo.Client    // open from Start to Close
	brokers *kafka.Brokers // hears all clients of the worker
	running running
	groups  rebalances.Groups
	taps    *tap.Hub
	making  lives.Turns // of tasks that make their clients and plugins

	connectorStarts, taskStarts starts
}

// New returns a worker that has not been started.
func New(p *plan.Worker, plugins connect.Plugins, o *Options) *Worker {
	w := &Worker{plan: p, plugins: plugins, logger: slog.New(slog.DiscardHandler), taps: tap.NewHub(),
		making: lives.NewTurns(max(1, runtime.GOMAXPROCS(0)-1))} // the last processor is for all else
	if o != nil && o.Logger != nil {
		w.logger = o.Logger
	}
	w.brokers = kafka.NewBrokers(w.logger)
	w.offsets = offsetStores{plan: p, logger: w.logger, brokers: w.brokers}
	return w
}

// Start checks that the brokers can be reached and opens the store of source
// offsets. ctx bounds the start only.
func (w *Worker) Start(ctx context.Context) error {
	opts, err := w.plan.Admin.Options()
	if err != nil {
		return err
	}
	opts = append(opts, kafka.Logger(w.logger), w.brokers.Opt())
	if err := kafka.Check(ctx, opts...); err != nil {
		return fmt.Errorf("connect to kafka: %w", err)
	}
	if err := w.learnCluster(ctx, opts); err != nil {
		return fmt.Errorf("connect to kafka: %w", err)
	}
	if err = w.offsets.start(ctx); err != nil {
		w.admin.Close()
	}
	return err
}

// learnCluster opens the client that stays open, so that there is one to hear of the
// brokers even without connectors.
func (w *Worker) learnCluster(ctx context.Context, opts []kgo.Opt) error {
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return err
	}
	err = kafka.Outlast(ctx, kafka.RestartWait, func() error {
		meta, err := kadm.NewClient(cl).BrokerMetadata(ctx)
		w.cluster = meta.Cluster
		return err
	})
	if err != nil {
		cl.Close()
		return err
	}
	w.admin = cl
	return nil
}

// StartConnector starts a connector without its tasks, which retains the plan until it
// is stopped. The error is why it could not be started; then nothing runs. ctx bounds
// the start only.
func (w *Worker) StartConnector(ctx context.Context, p *plan.Connector, o *ConnectorOptions) (*Connector, error) {
	c := newConnector(w, p, o)
	p.Retain()
	w.connectorStarts.attempts.Add(1)
	err := lives.Protect(func() error { return c.start(ctx) })
	w.connectorStarts.ended(err)
	if err != nil {
		return nil, errors.Join(err, c.drop())
	}
	w.running.add(c)
	c.reporter.set(Running, "")
	return c, nil
}

// StartTask starts a task of a connector, which may run elsewhere, and retains the plan
// until the task has ended. props is the task's configuration as
// [Connector.TaskConfigs] returns it, here or on another worker: what of it differs
// from the connector's properties is the task's own. The error is a [config.Errors]
// when that is wrong; then nothing runs.
func (w *Worker) StartTask(p *plan.Connector, id int, props map[string]string, o *TaskOptions) (*Task, error) {
	values, err := p.Values.With(ownOf(p, props))
	if err != nil {
		return nil, fmt.Errorf("start task %s-%d: %w", p.Name, id, err)
	}
	m := &maker{worker: w, plan: p, values: values}
	leave := func() {}
	if p.Type == plan.Sink {
		m.group, leave = w.groups.Join(p.Subscription.Group, w.logger.With("connector", p.Name), w.brokers)
	}
	t := newTask(p, id, props, o, w.logger)
	t.starts = &w.taskStarts
	t.taps = tap.NewPoint(id, tap.NewMask(w.plan.TapMask, p.HideText))
	t.untap = w.taps.Add(p.Name, t.taps)
	t.start(m.life, leave)
	return t, nil
}

// ownOf returns the part of a task's configuration that is not the connector's.
func ownOf(p *plan.Connector, props map[string]string) map[string]string {
	own := map[string]string{}
	for key, value := range props {
		if written, ok := p.Props[key]; key != taskClass && (!ok || written != value) {
			own[key] = value
		}
	}
	return own
}

// patience is how long tasks are waited for beyond the graceful time-out, which is
// their own.
const patience = 5 * time.Second

// StopTasks stops tasks, all at the same time, and waits for them no longer than
// task.shutdown.graceful.timeout.ms and a few seconds. The error names those that
// have not ended by then.
func (w *Worker) StopTasks(ctx context.Context, tasks []*Task) error {
	ctx, cancel := context.WithTimeout(ctx, w.plan.GracefulTimeout+patience)
	defer cancel()
	for _, t := range tasks {
		t.halt()
	}
	var errs []error
	for _, t := range tasks {
		errs = append(errs, t.Stop(ctx))
	}
	return errors.Join(errs...)
}

// Close frees what Start opened. All connectors and tasks are stopped before.
func (w *Worker) Close() error {
	if w.offsets.shared == nil {
		return nil
	}
	w.admin.Close()
	return w.offsets.shared.Close()
}

// OpenOffsets opens the store of a connector's source offsets, between Start and Close;
// release closes it. What is in the connector's own topic, if it has one, has not been
// read before Refresh.
func (w *Worker) OpenOffsets(ctx context.Context, p *plan.Connector) (
	s backing.OffsetStore, release func(), err error) {
	return w.offsets.open(ctx, p)
}

// GroupAdmin returns a client that reads and changes the offsets of a sink's consumer
// group, where the sink's consumers would. The caller closes it.
func (w *Worker) GroupAdmin(p *plan.Connector) (*kadm.Client, error) {
	opts, err := p.Subscription.Consumer.Options()
	if err != nil {
		return nil, err
	}
	cl, err := kgo.NewClient(append(opts, kafka.Logger(w.logger))...)
	if err != nil {
		return nil, err
	}
	return kadm.NewClient(cl), nil
}

// ClusterID is the Kafka cluster's, known after Start.
func (w *Worker) ClusterID() string { return w.cluster }

// Brokers reports whether a broker can be reached, since when that is so, and if not,
// why. None is reachable before Start.
func (w *Worker) Brokers() (reachable bool, since time.Time, err error) { return w.brokers.State() }

// Plugins are what the worker can run.
func (w *Worker) Plugins() connect.Plugins { return w.plugins }

// Compile compiles a connector's properties for this worker, as [plan.Compile]
// does.
func (w *Worker) Compile(props map[string]string) (*plan.Connector, config.Errors, error) {
	return plan.Compile(w.plan, w.plugins, props)
}

// Tap shows records of a connector's tasks in this worker at the stages of their way.
// Each is masked. It waits for them no longer than the request says, and takes a few
// records a second. Whether somebody may see records is the caller's business.
func (w *Worker) Tap(ctx context.Context, connector string, r api.TapRequest) api.Tapped {
	return w.taps.Tap(ctx, connector, r)
}

// GracefulTimeout is how long stopping may take.
func (w *Worker) GracefulTimeout() time.Duration {
	return w.plan.GracefulTimeout
}
