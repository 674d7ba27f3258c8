package mirror

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/connectors/mirror/internal/formats"
	"github.com/suiro/suiro/connectors/mirror/internal/naming"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
)

// HeartbeatPlugin describes the connector that writes heartbeats, as a worker loads it.
func HeartbeatPlugin() connect.SourcePlugin {
	return connect.SourcePlugin{
		Info: connect.Info{
			Class:    "MirrorHeartbeat",
			Aliases:  []string{javaPackage + "MirrorHeartbeatConnector"},
			Def:      heartbeatDef,
			Validate: validateHeartbeat,
			Doc: "Writes a record to the topic heartbeats now and then. Where the topic is mirrored to, it shows that records " +
				"get there, and how long that takes.",
		},
		New: func() connect.SourceConnector { return &HeartbeatConnector{} },
	}
}

// heartbeatDef declares the keys of MirrorHeartbeat. It never changes.
var heartbeatDef = config.New(slices.Concat(commonKeys(), []config.Key{
	{Name: "emit.heartbeats.enabled", Type: config.Boolean, Default: true, Importance: config.Low,
		Doc: "Whether to write heartbeats; otherwise there is no task."},
	{Name: "emit.heartbeats.interval.seconds", Type: config.Long, Default: 1, Valid: config.AtLeast(1),
		Importance: config.Low, Doc: "How often to write a heartbeat."},
	{Name: "heartbeats.topic.replication.factor", Type: config.Short, Default: 3, Valid: replicas(),
		Importance: config.Low, Doc: "How many replicas the topic heartbeats gets; -1 is the brokers' default."},
}, clusters.Keys())...)

// heartbeatSettings are the keys of MirrorHeartbeat.
type heartbeatSettings struct {
	settings
	Emit     bool  `config:"emit.heartbeats.enabled"`
	Every    int64 `config:"emit.heartbeats.interval.seconds"`
	Replicas int   `config:"heartbeats.topic.replication.factor"`
}

func newHeartbeatSettings(v config.Values) (s heartbeatSettings) {
	v.Decode(&s)
	return s
}

func validateHeartbeat(v config.Values) config.Errors {
	s := newHeartbeatSettings(v)
	return once(slices.Concat(s.check(), clusters.Target.Check(kafka.Admin, v)))
}

var _ connect.SourceConnector = (*HeartbeatConnector)(nil)

// HeartbeatConnector makes the topic of the heartbeats, which one task writes.
type HeartbeatConnector struct{ settings heartbeatSettings }

// Check implements [connect.Checker]: it asks the brokers of the target cluster.
func (*HeartbeatConnector) Check(ctx context.Context, v config.Values) (found string, err error) {
	return clusters.Ask(ctx, v, clusters.Target)
}

// Start makes the topic when it is missing.
func (c *HeartbeatConnector) Start(ctx context.Context, v config.Values) error {
	c.settings = newHeartbeatSettings(v)
	if !c.settings.Emit {
		return nil
	}
	client, err := newClient(clusters.Target, kafka.Admin, v, c.settings.label("heartbeats-target-admin"))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, c.settings.AdminTimeout)
	defer cancel()
	err = kafka.Topic{Name: naming.Heartbeats, Replication: int16(c.settings.Replicas),
		Configs:        map[string]string{"cleanup.policy": "compact"},
		ReplicationKey: "heartbeats.topic.replication.factor"}.Create(ctx, kadm.NewClient(client))
	if err != nil {
		return fmt.Errorf("make the topic of heartbeats on the target cluster: %w", err)
	}
	return nil
}

// TaskConfigs plans one task.
func (c *HeartbeatConnector) TaskConfigs(int) ([]map[string]string, error) {
	if !c.settings.Emit {
		return nil, nil
	}
	return connect.SameConfig(1), nil
}

// NewTask returns a task that has not been started.
func (c *HeartbeatConnector) NewTask() connect.SourceTask { return &HeartbeatTask{} }

// Stop has nothing to free.
func (c *HeartbeatConnector) Stop() error { return nil }

var _ connect.SourceTask = (*HeartbeatTask)(nil)

// HeartbeatTask writes heartbeats.
type HeartbeatTask struct {
	settings heartbeatSettings
	due      time.Time // the next one
}

// Start has nothing to acquire.
func (t *HeartbeatTask) Start(_ context.Context, _ connect.SourceContext, v config.Values) error {
	t.settings = newHeartbeatSettings(v)
	t.due = time.Now().Add(seconds(t.settings.Every))
	return nil
}

// Poll returns a heartbeat when it is time, for which it waits for a second.
func (t *HeartbeatTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	if backoff.Sleep(ctx, min(time.Until(t.due), time.Second)) != nil {
		return nil, nil // told to stop
	}
	now := time.Now()
	if now.Before(t.due) {
		return nil, nil
	}
	t.due = now.Add(seconds(t.settings.Every))
	h := formats.Heartbeat{Source: t.settings.Source, Target: t.settings.Target, Timestamp: now.UnixMilli()}
	key, value, err := h.Record()
	if err != nil {
		return nil, err
	}
	return []*connect.SourceRecord{{
		Record: connect.Record{Topic: naming.Heartbeats, Partition: connect.InPartition(0), Timestamp: now,
			Key: payload(naming.Heartbeats, key), Value: payload(naming.Heartbeats, value)},
		SourcePartition: map[string]any{"sourceClusterAlias": t.settings.Source, "targetClusterAlias": t.settings.Target},
		SourceOffset:    map[string]any{offsetKey: int64(0)},
	}}, nil
}

// Committed has nothing to do.
func (*HeartbeatTask) Committed(_, _ map[string]any) {}

// Stop has nothing to free.
func (*HeartbeatTask) Stop() error { return nil }
