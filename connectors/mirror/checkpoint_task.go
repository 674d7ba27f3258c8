package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/connectors/mirror/internal/formats"
	"github.com/suiro/suiro/connectors/mirror/internal/translate"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/compacted"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// checkpointCounts are what a task counts.
type checkpointCounts struct{ checkpoints, commits prometheus.Counter }

func newCheckpointCounts(r prometheus.Registerer) *checkpointCounts {
	counter := func(name, help string) prometheus.Counter {
		return promauto.With(r).NewCounter(prometheus.CounterOpts{Name: "mirror_checkpoint_" + name + "_total", Help: help})
	}
	return &checkpointCounts{checkpoints: counter("checkpoints", "Checkpoints that were written."),
		commits: counter("committed_offsets", "Translated offsets that were committed for groups of the target cluster.")}
}

var _ connect.SourceTask = (*CheckpointTask)(nil)

// CheckpointTask translates the offsets of some consumer groups.
type CheckpointTask struct {
	settings       checkpointSettings
	logger         *slog.Logger
	counts         *checkpointCounts
	source, target *kgo.Client
	syncs          *compacted.Topic
	table          translate.Table
	last           map[checkpointKey]formats.Checkpoint // of each key
	emit, commit   time.Time                            // when they are due
}

// checkpointKey is what there is one checkpoint of.
type checkpointKey struct {
	group string
	connect.TopicPartition
}

func keyOf(c formats.Checkpoint) checkpointKey {
	return checkpointKey{c.Group, connect.TopicPartition{Topic: c.Topic, Partition: c.Partition}}
}

// Start reads the checkpoints that there are, so that none goes back.
func (t *CheckpointTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) (err error) {
	t.logger, t.counts, t.last = tc.Logger(), newCheckpointCounts(tc.Metrics()), map[checkpointKey]formats.Checkpoint{}
	if t.settings, err = newCheckpointSettings(v); err != nil {
		return err
	}
	s := &t.settings
	t.emit, t.commit = time.Now(), time.Now()
	if t.source, err = newClient(clusters.Source, kafka.Admin, v, s.label("checkpoint-source-admin")); err != nil {
		return err
	}
	if t.target, err = newClient(clusters.Target, kafka.Admin, v, s.label("checkpoint-target-admin")); err != nil {
		return err
	}
	checkpoints, err := openTopic(ctx, clusters.Target, s.checkpoints(), v, t.addCheckpoint)
	if err != nil {
		return err
	}
	defer checkpoints.Close()
	if err := checkpoints.Refresh(ctx); err != nil {
		return err
	}
	t.syncs, err = openTopic(ctx, s.cluster(), s.topic(&s.settings), v, t.addSync)
	return err
}

// openTopic opens an internal topic of a cluster.
func openTopic(ctx context.Context, on clusters.Cluster, topic kafka.Topic, v config.Values, apply func(*kgo.Record)) (
	*compacted.Topic, error) {
	opts, err := on.Options(kafka.Admin, v)
	if err != nil {
		return nil, err
	}
	return compacted.Open(ctx, topic, opts, apply)
}

func (t *CheckpointTask) addCheckpoint(r *kgo.Record) {
	c, err := formats.ParseCheckpoint(r.Key, r.Value)
	if err != nil {
		t.logger.Warn("a checkpoint is not understood and is passed over", "offset", r.Offset, "error", err)
		return
	}
	t.last[keyOf(c)] = c
}

func (t *CheckpointTask) addSync(r *kgo.Record) {
	s, err := formats.ParseOffsetSync(r.Key, r.Value)
	if err != nil {
		t.logger.Warn("an offset sync is not understood and is passed over", "offset", r.Offset, "error", err)
		return
	}
	t.table.Add(connect.TopicPartition{Topic: s.Topic, Partition: s.Partition}, s.Upstream, s.Downstream)
}

// Poll returns the checkpoints that are new when it is time, and commits offsets when it is time for
// that. Otherwise it waits for a second.
func (t *CheckpointTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	next := t.emit
	if t.settings.Sync && t.commit.Before(next) {
		next = t.commit
	}
	if backoff.Sleep(ctx, min(time.Until(next), time.Second)) != nil {
		return nil, nil // told to stop
	}
	timed, cancel := context.WithTimeout(ctx, t.settings.AdminTimeout)
	defer cancel()
	var records []*connect.SourceRecord
	if now := time.Now(); !now.Before(t.emit) {
		var err error
		if records, err = t.checkpoints(timed); err != nil {
			return nil, t.tried(ctx, err)
		}
		t.emit = now.Add(t.settings.interval())
	}
	if now := time.Now(); t.settings.Sync && !now.Before(t.commit) {
		if err := t.commitAll(timed); err != nil {
			return records, t.tried(ctx, err)
		}
		t.commit = now.Add(seconds(t.settings.SyncEvery))
	}
	return records, nil
}

// tried marks an error as one of a cluster that is away, after which the poll comes again.
func (t *CheckpointTask) tried(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return connect.Retriable(err)
}

// checkpoints translates the offsets of the groups, and returns those that are new.
func (t *CheckpointTask) checkpoints(ctx context.Context) (records []*connect.SourceRecord, err error) {
	if err := t.syncs.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("read the offset syncs: %w", err)
	}
	now := time.Now()
	for group, answer := range kadm.NewClient(t.source).FetchManyOffsets(ctx, t.settings.TasksGroups...) {
		if isNoGroup(answer.Err) {
			continue
		}
		if answer.Err != nil {
			return nil, fmt.Errorf("read the offsets of consumer group %s of the source cluster: %w", group, answer.Err)
		}
		for _, o := range answer.Fetched.Sorted() {
			c, ok, err := t.checkpoint(group, o)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			r, err := t.record(c, now)
			if err != nil {
				return nil, err
			}
			t.last[keyOf(c)] = c
			records = append(records, r)
		}
	}
	t.counts.checkpoints.Add(float64(len(records)))
	return records, nil
}

// checkpoint translates an offset of a group, and returns false when there is nothing new to say.
func (t *CheckpointTask) checkpoint(group string, o kadm.OffsetResponse) (c formats.Checkpoint, fresh bool, err error) {
	mirrored, err := t.settings.topics.Chooses(o.Topic)
	if err != nil || !mirrored || o.Err != nil || o.At < 0 {
		return c, false, err
	}
	down, ok := t.table.Downstream(connect.TopicPartition{Topic: o.Topic, Partition: o.Partition}, o.At)
	if !ok {
		return c, false, nil
	}
	c = formats.Checkpoint{Group: group, Topic: t.settings.policy().Remote(t.settings.Source, o.Topic),
		Partition: o.Partition, Upstream: o.At, Downstream: down, Metadata: o.Metadata}
	before, known := t.last[keyOf(c)]
	// A translation may be less exact than one before. Only a group that goes back itself takes it back.
	return c, !known || c.Upstream < before.Upstream || c.Downstream > before.Downstream, nil
}

// record is the record of a checkpoint.
func (t *CheckpointTask) record(c formats.Checkpoint, now time.Time) (*connect.SourceRecord, error) {
	key, value, err := c.Record()
	if err != nil {
		return nil, err
	}
	topic := t.settings.checkpoints().Name
	return &connect.SourceRecord{
		Record: connect.Record{Topic: topic, Partition: connect.InPartition(0), Timestamp: now, Key: payload(topic, key),
			Value: payload(topic, value)},
		SourcePartition: map[string]any{"group": c.Group, topicKey: c.Topic, partitionKey: int64(c.Partition)},
		SourceOffset:    map[string]any{offsetKey: int64(0)},
	}, nil
}

// commitAll commits the translated offsets of groups without members on the target, where they are
// beyond those that are committed there.
func (t *CheckpointTask) commitAll(ctx context.Context) error {
	want := map[string]kadm.Offsets{}
	for key, c := range t.last {
		offsets := want[key.group]
		offsets.Add(kadm.Offset{Topic: key.Topic, Partition: key.Partition, At: c.Downstream, LeaderEpoch: -1,
			Metadata: c.Metadata})
		want[key.group] = offsets
	}
	adm := kadm.NewClient(t.target)
	described, err := adm.DescribeGroups(ctx, t.settings.TasksGroups...)
	if err != nil {
		return fmt.Errorf("look at the consumer groups of the target cluster: %w", err)
	}
	for _, group := range t.settings.TasksGroups {
		if state := described[group].State; len(want[group]) == 0 || state != "Empty" && state != "Dead" {
			continue
		}
		if err := t.commitGroup(ctx, adm, group, want[group]); err != nil {
			return err
		}
	}
	return nil
}

// commitGroup commits the offsets of one group that are beyond those on the target.
func (t *CheckpointTask) commitGroup(ctx context.Context, adm *kadm.Client, group string, want kadm.Offsets) error {
	has, err := adm.FetchOffsets(ctx, group)
	if err != nil && !isNoGroup(err) {
		return fmt.Errorf("read the offsets of consumer group %s of the target cluster: %w", group, err)
	}
	ahead := kadm.Offsets{}
	want.Each(func(o kadm.Offset) {
		if there, ok := has.Lookup(o.Topic, o.Partition); !ok || there.At < o.At {
			ahead.Add(o)
		}
	})
	if len(ahead) == 0 {
		return nil
	}
	answers, err := adm.CommitOffsets(ctx, group, ahead)
	if err == nil {
		err = answers.Error()
	}
	if err != nil { // such as for a group that has got a member meanwhile
		t.logger.Warn("translated offsets cannot be committed, which is tried again later", "group", group, "error", err)
		return nil
	}
	ahead.Each(func(kadm.Offset) { t.counts.commits.Inc() })
	return nil
}

// isNoGroup reports whether an error is about a group that was deleted, or never was.
func isNoGroup(err error) bool { return errors.Is(err, kerr.GroupIDNotFound) }

// Committed has nothing to do.
func (*CheckpointTask) Committed(_, _ map[string]any) {}

// Stop closes the clients.
func (t *CheckpointTask) Stop() error {
	for _, cl := range []*kgo.Client{t.source, t.target} {
		if cl != nil {
			cl.Close()
		}
	}
	if t.syncs != nil {
		t.syncs.Close()
	}
	return nil
}
