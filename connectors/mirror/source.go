package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/connectors/mirror/internal/selection"
	"github.com/suiro/suiro/connectors/mirror/internal/topics"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// SourcePlugin describes the connector that mirrors records, as a worker loads it.
func SourcePlugin() connect.SourcePlugin {
	return connect.SourcePlugin{
		Info: connect.Info{
			Class:    "MirrorSource",
			Aliases:  []string{javaPackage + "MirrorSourceConnector"},
			Def:      sourceDef,
			Validate: validateSource,
			Doc: "Mirrors topics of another Kafka cluster: their records, partitions, configurations and ACLs. Loops are " +
				"found, and offset syncs say which offset there is which here.",
		},
		New:     func() connect.SourceConnector { return &SourceConnector{} },
		Metrics: func(r prometheus.Registerer) { newCounts(r) },
	}
}

var (
	_ connect.SourceConnector     = (*SourceConnector)(nil)
	_ connect.Initializer         = (*SourceConnector)(nil)
	_ connect.SourceOffsetAlterer = (*SourceConnector)(nil)
)

// SourceConnector finds the topics to be mirrored, makes their mirrors, and divides their partitions
// among tasks.
type SourceConnector struct {
	cc       connect.ConnectorContext
	settings sourceSettings
	follower *topics.Follower // nil before Start, and when the connector is not enabled
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu         sync.Mutex // guards partitions
	partitions []connect.TopicPartition
}

// Initialize implements [connect.Initializer].
func (c *SourceConnector) Initialize(cc connect.ConnectorContext) { c.cc = cc }

func (c *SourceConnector) logger() *slog.Logger {
	if c.cc == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.cc.Logger()
}

// Check implements [connect.Checker]: it asks the brokers of both clusters.
func (*SourceConnector) Check(ctx context.Context, v config.Values) (found string, err error) {
	return clusters.Ask(ctx, v, clusters.Source, clusters.Target)
}

// Start looks at both clusters, makes the topics that are missing, and goes on following them.
func (c *SourceConnector) Start(ctx context.Context, v config.Values) (err error) {
	c.settings = newSourceSettings(v)
	if !c.settings.Enabled {
		return nil
	}
	if c.follower, err = c.open(v); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.settings.AdminTimeout)
	defer cancel()
	if err := c.makeSyncsTopic(ctx, v); err != nil {
		return err
	}
	if c.partitions, err = c.follower.Partitions(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.running.Go(func() { c.run(running) })
	return nil
}

// open opens the clients of both clusters.
func (c *SourceConnector) open(v config.Values) (*topics.Follower, error) {
	s := &c.settings
	chosen, err := selection.New(s.Topics, s.TopicsExclude)
	if err != nil {
		return nil, err
	}
	excluded, err := selection.New(s.PropsExclude, nil)
	if err != nil {
		return nil, err
	}
	source, err := newClient(clusters.Source, kafka.Admin, v, s.label("replication-source-admin"))
	if err != nil {
		return nil, err
	}
	target, err := newClient(clusters.Target, kafka.Admin, v, s.label("replication-target-admin"))
	if err != nil {
		source.Close()
		return nil, err
	}
	flow := &topics.Flow{Source: source, Target: target, SourceAlias: s.Source, TargetAlias: s.Target,
		Policy: s.policy(), Topics: chosen, Heartbeats: s.Heartbeats, Logger: c.logger()}
	configs := &topics.Configs{Flow: flow, Excluded: excluded, SourceDefaults: s.DefaultsFrom == "source"}
	return &topics.Follower{Flow: flow, Configs: configs, Replication: int16(s.Replication)}, nil
}

// label is the client.id of a client, as MirrorMaker 2 makes it but for the name of the connector.
func (s *settings) label(role string) string { return s.Source + "->" + s.Target + "|" + role }

// newClient opens a client of a cluster. The label follows a client.id that is configured.
func newClient(of clusters.Cluster, role kafka.Role, v config.Values, label string, more ...kgo.Opt) (
	*kgo.Client, error) {
	opts, err := of.Options(role, v)
	if err != nil {
		return nil, fmt.Errorf("configure a client of the %s cluster: %w", of, err)
	}
	if id, ok := of.Value(role, v, "client.id"); ok {
		label = id + "|" + label
	}
	client, err := kgo.NewClient(slices.Concat(opts, []kgo.Opt{kgo.ClientID(label)}, more)...)
	if err != nil {
		return nil, fmt.Errorf("configure a client of the %s cluster: %w", of, err)
	}
	return client, nil
}

// makeSyncsTopic makes the topic of offset syncs when it is missing.
func (c *SourceConnector) makeSyncsTopic(ctx context.Context, v config.Values) error {
	if !c.settings.EmitSyncs {
		return nil
	}
	on := c.follower.Source
	if c.settings.cluster() == clusters.Target {
		on = c.follower.Target
	}
	err := c.settings.topic(&c.settings.settings).Create(ctx, kadm.NewClient(on))
	if err != nil {
		return fmt.Errorf("make the topic of offset syncs on the %s cluster: %w", c.settings.SyncsLocation, err)
	}
	return nil
}

// run does what is done now and then, until ctx is done. An error is logged, and the next time comes.
func (c *SourceConnector) run(ctx context.Context) {
	s, acls := &c.settings, &topics.ACLs{Flow: c.follower.Flow}
	configs := func(ctx context.Context) error { return c.follower.Configs.Sync(ctx, c.follower.Chosen()) }
	chores := []*chore{
		{"copy the ACLs of topics", s.SyncACLs, s.ACLsEvery, acls.Sync, time.Now()},
		{"copy the configurations of topics", s.SyncConfigs, s.SyncEvery, configs, time.Now()},
		{"look for new topics and partitions", s.Refresh, s.RefreshEvery, c.refresh, time.Now().Add(seconds(s.RefreshEvery))},
	}
	chores = slices.DeleteFunc(chores, func(ch *chore) bool { return !ch.enabled })
	for len(chores) > 0 {
		next := slices.MinFunc(chores, func(a, b *chore) int { return a.due.Compare(b.due) })
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(next.due)):
		}
		timed, cancel := context.WithTimeout(ctx, s.AdminTimeout)
		err := next.do(timed)
		cancel()
		if err != nil && ctx.Err() == nil {
			c.logger().Warn("the connector could not "+next.what+", and tries again later", "error", err)
		}
		next.due = time.Now().Add(seconds(next.every))
	}
}

func seconds(n int64) time.Duration { return time.Duration(min(n, 1<<31)) * time.Second }

// chore is what is done every so many seconds.
type chore struct {
	what    string
	enabled bool
	every   int64
	do      func(context.Context) error
	due     time.Time
}

// refresh looks for new topics and partitions, and has the tasks planned anew when there are others
// than before.
func (c *SourceConnector) refresh(ctx context.Context) error {
	found, err := c.follower.Partitions(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	changed := !slices.Equal(found, c.partitions)
	c.partitions = found
	c.mu.Unlock()
	if changed && c.cc != nil {
		c.logger().Info("other partitions are to be mirrored than before", "partitions", len(found))
		c.cc.RequestTaskReconfiguration()
	}
	return nil
}

// TaskConfigs divides the partitions among tasks, one after another, so that each gets some of every
// topic.
func (c *SourceConnector) TaskConfigs(maxTasks int) ([]map[string]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(maxTasks, len(c.partitions))
	lists := make([][]string, n)
	for i, p := range c.partitions {
		lists[i%n] = append(lists[i%n], p.String())
	}
	plan := make([]map[string]string, n)
	for i, list := range lists {
		plan[i] = map[string]string{"task.assigned.partitions": strings.Join(list, ","), "task.index": strconv.Itoa(i)}
	}
	return plan, nil
}

// NewTask returns a task that has not been started.
func (c *SourceConnector) NewTask() connect.SourceTask { return &SourceTask{} }

// Stop stops following the topics.
func (c *SourceConnector) Stop() error {
	c.close()
	return nil
}

func (c *SourceConnector) close() {
	if c.stop != nil {
		c.stop()
		c.running.Wait()
	}
	if c.follower != nil {
		c.follower.Source.Close()
		c.follower.Target.Close()
		c.follower = nil
	}
}

// AlterOffsets refuses what no task could continue from.
func (c *SourceConnector) AlterOffsets(_ context.Context, _ config.Values, offsets []connect.SourceOffset) error {
	for _, o := range offsets {
		if o.Offset == nil {
			continue // whatever is kept may be forgotten
		}
		if err := checkOffset(o); err != nil {
			return fmt.Errorf("source partition %v: %w", o.Partition, err)
		}
	}
	return nil
}

func checkOffset(o connect.SourceOffset) error {
	for _, key := range []string{clusterKey, topicKey} {
		if text, ok := o.Partition[key].(string); !ok || text == "" {
			return fmt.Errorf("the key %q must be text", key)
		}
	}
	if n, ok := o.Partition[partitionKey].(int64); !ok || n < 0 || n > 1<<31-1 {
		return errors.New(`the key "partition" must be a whole number that is not negative`)
	}
	if n, ok := o.Offset[offsetKey].(int64); !ok || n < 0 {
		return errors.New(`the source offset must have the key "offset", a whole number that is not negative: ` +
			"that of the last record that is mirrored")
	}
	return nil
}
