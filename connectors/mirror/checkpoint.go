package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// CheckpointPlugin describes the connector that translates the offsets of consumer groups, as a worker
// loads it.
func CheckpointPlugin() connect.SourcePlugin {
	return connect.SourcePlugin{
		Info: connect.Info{
			Class:    "MirrorCheckpoint",
			Aliases:  []string{javaPackage + "MirrorCheckpointConnector"},
			Def:      checkpointDef,
			Validate: validateCheckpoint,
			Doc: "Translates the offsets of consumer groups of another cluster to those of the mirrored topics, writes them " +
				"as checkpoints, and, if told to, commits them for groups that do not run here.",
		},
		New:     func() connect.SourceConnector { return &CheckpointConnector{} },
		Metrics: func(r prometheus.Registerer) { newCheckpointCounts(r) },
	}
}

var (
	_ connect.SourceConnector     = (*CheckpointConnector)(nil)
	_ connect.Initializer         = (*CheckpointConnector)(nil)
	_ connect.SourceOffsetAlterer = (*CheckpointConnector)(nil)
)

// CheckpointConnector finds consumer groups, and divides them among tasks.
type CheckpointConnector struct {
	cc       connect.ConnectorContext
	settings checkpointSettings
	source   *kgo.Client // nil before Start, and when the connector has nothing to do
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu     sync.Mutex // guards groups
	groups []string
}

// Initialize implements [connect.Initializer].
func (c *CheckpointConnector) Initialize(cc connect.ConnectorContext) { c.cc = cc }

// Check implements [connect.Checker]: it asks the brokers of both clusters.
func (*CheckpointConnector) Check(ctx context.Context, v config.Values) (found string, err error) {
	return clusters.Ask(ctx, v, clusters.Source, clusters.Target)
}

// Start makes the topic of checkpoints, looks for groups, and goes on doing so.
func (c *CheckpointConnector) Start(ctx context.Context, v config.Values) (err error) {
	if c.settings, err = newCheckpointSettings(v); err != nil || !c.settings.Enabled {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.settings.AdminTimeout)
	defer cancel()
	if err := c.makeTopic(ctx, v); err != nil {
		return err
	}
	label := c.settings.label("checkpoint-source-admin")
	if c.source, err = newClient(clusters.Source, kafka.Admin, v, label); err != nil {
		return err
	}
	if c.groups, err = c.find(ctx); err != nil {
		c.close()
		return err
	}
	running, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.running.Go(func() { c.run(running) })
	return nil
}

// makeTopic makes the topic of checkpoints when it is missing.
func (c *CheckpointConnector) makeTopic(ctx context.Context, v config.Values) error {
	target, err := newClient(clusters.Target, kafka.Admin, v, c.settings.label("checkpoint-target-admin"))
	if err != nil {
		return err
	}
	defer target.Close()
	if err := c.settings.checkpoints().Create(ctx, kadm.NewClient(target)); err != nil {
		return fmt.Errorf("make the topic of checkpoints on the target cluster: %w", err)
	}
	return nil
}

// find returns the groups of the source that are chosen and have an offset of a topic that is mirrored.
func (c *CheckpointConnector) find(ctx context.Context) (groups []string, err error) {
	adm := kadm.NewClient(c.source)
	listed, err := adm.ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the consumer groups of the source cluster: %w", err)
	}
	var chosen []string
	for _, name := range listed.Groups() {
		ok, err := c.settings.groups.Chooses(name)
		if err != nil {
			return nil, fmt.Errorf("choose groups: %w", err)
		}
		if ok {
			chosen = append(chosen, name)
		}
	}
	for name, answer := range adm.FetchManyOffsets(ctx, chosen...) {
		if isNoGroup(answer.Err) {
			continue
		}
		if answer.Err != nil {
			return nil, fmt.Errorf("read the offsets of consumer group %s of the source cluster: %w", name, answer.Err)
		}
		for topic := range answer.Fetched {
			ok, err := c.settings.topics.Chooses(topic)
			if err != nil {
				return nil, fmt.Errorf("choose topics: %w", err)
			}
			if ok {
				groups = append(groups, name)
				break
			}
		}
	}
	slices.Sort(groups)
	return groups, nil
}

// run looks for groups now and then, until ctx is done.
func (c *CheckpointConnector) run(ctx context.Context) {
	for c.settings.Refresh {
		select {
		case <-ctx.Done():
			return
		case <-time.After(seconds(c.settings.RefreshEvery)):
		}
		timed, cancel := context.WithTimeout(ctx, c.settings.AdminTimeout)
		found, err := c.find(timed)
		cancel()
		c.found(ctx, found, err)
	}
}

func (c *CheckpointConnector) found(ctx context.Context, found []string, err error) {
	switch {
	case c.cc == nil || ctx.Err() != nil:
		return
	case err != nil:
		c.cc.Logger().Warn("the connector could not look for consumer groups, and tries again later", "error", err)
		return
	}
	c.mu.Lock()
	changed := !slices.Equal(found, c.groups)
	c.groups = found
	c.mu.Unlock()
	if changed {
		c.cc.Logger().Info("there are other consumer groups than before", "groups", len(found))
		c.cc.RequestTaskReconfiguration()
	}
}

// TaskConfigs divides the groups among tasks.
func (c *CheckpointConnector) TaskConfigs(maxTasks int) (plan []map[string]string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(maxTasks, len(c.groups))
	for i := range n {
		part := c.groups[i*len(c.groups)/n : (i+1)*len(c.groups)/n]
		plan = append(plan, map[string]string{"task.assigned.groups": strings.Join(part, ","), "task.index": strconv.Itoa(i)})
	}
	return plan, nil
}

// NewTask returns a task that has not been started.
func (c *CheckpointConnector) NewTask() connect.SourceTask { return &CheckpointTask{} }

// Stop stops looking for groups.
func (c *CheckpointConnector) Stop() error {
	c.close()
	return nil
}

func (c *CheckpointConnector) close() {
	if c.stop != nil {
		c.stop()
		c.running.Wait()
	}
	if c.source != nil {
		c.source.Close()
		c.source = nil
	}
}

// AlterOffsets refuses what is not an offset of the connector, which continues from none: it is always
// 0.
func (c *CheckpointConnector) AlterOffsets(_ context.Context, _ config.Values, offsets []connect.SourceOffset) error {
	for _, o := range offsets {
		if n, ok := o.Offset[offsetKey].(int64); o.Offset != nil && (!ok || n != 0) {
			return errors.New(`the source offset must have the key "offset", and its value must be 0: nothing continues from it`)
		}
	}
	return nil
}
