package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/lives"
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
	offsets backing.OffsetStore
	cluster string
	admin   *kgo.Client    // open from Start to Close
	brokers *kafka.Brokers // hears all clients of the worker
}

// New returns a worker that has not been started.
func New(p *plan.Worker, plugins connect.Plugins, o *Options) *Worker {
	w := &Worker{plan: p, plugins: plugins, logger: slog.New(slog.DiscardHandler)}
	if o != nil && o.Logger != nil {
		w.logger = o.Logger
	}
	w.brokers = kafka.NewBrokers(w.logger)
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
	if w.offsets, err = w.openOffsets(ctx); err != nil {
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
	meta, err := kadm.NewClient(cl).BrokerMetadata(ctx)
	if err != nil {
		cl.Close()
		return err
	}
	w.cluster, w.admin = meta.Cluster, cl
	return nil
}

func (w *Worker) openOffsets(ctx context.Context) (backing.OffsetStore, error) {
	if topic := w.plan.OffsetTopic; topic != "" {
		producer, err := w.plan.Producer.Options()
		if err != nil {
			return nil, err
		}
		return backing.OpenTopic(ctx, topic, &backing.TopicOptions{
			Partitions:        int32(w.plan.OffsetPartitions),
			ReplicationFactor: int16(w.plan.OffsetReplication),
			Logger:            w.logger,
		}, append(producer, kafka.Logger(w.logger), w.brokers.Opt())...)
	}
	return backing.OpenFile(w.plan.OffsetFile)
}

// StartConnector starts a connector and its tasks. From then on the plan belongs
// to the connector, which closes it when it stops; it is closed at once when the
// connector cannot be started. The error is a [config.Errors] when the connector
// plans a task whose configuration is wrong. ctx bounds the start only.
func (w *Worker) StartConnector(ctx context.Context, p *plan.Connector) (*Connector, error) {
	c := &Connector{Plan: p, worker: w}
	if err := lives.Protect(func() error { return c.start(ctx) }); err != nil {
		return nil, errors.Join(err, c.drop())
	}
	return c, nil
}

// Close frees what Start opened. All connectors are stopped before.
func (w *Worker) Close() error {
	if w.offsets == nil {
		return nil
	}
	w.admin.Close()
	return w.offsets.Close()
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

// GracefulTimeout is how long stopping may take.
func (w *Worker) GracefulTimeout() time.Duration {
	return w.plan.GracefulTimeout
}
