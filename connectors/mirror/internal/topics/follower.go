package topics

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
)

// Follower makes the topics of the source on the target. It is used by one goroutine at a time.
type Follower struct {
	*Flow
	// Configs are the configurations that topics are made with.
	Configs *Configs
	// Replication is how many replicas new topics get; -1 is the brokers' default.
	Replication int16

	chosen []string
}

// Chosen returns the topics that are mirrored, as of the last call of Partitions.
func (f *Follower) Chosen() []string { return f.chosen }

// Partitions returns the partitions to be mirrored, ordered by topic and number: those of the topics
// that are chosen. Before that it makes the mirrored topics, and enlarges them, and leaves out what
// does not exist on the target because that failed.
func (f *Follower) Partitions(ctx context.Context) ([]connect.TopicPartition, error) {
	if err := f.compareClusters(ctx); err != nil {
		return nil, err
	}
	source, err := f.list(ctx)
	if err != nil {
		return nil, err
	}
	f.chosen = slices.Sorted(maps.Keys(source))
	target, err := count(ctx, f.Target, "target")
	if err != nil {
		return nil, err
	}
	if err := f.create(ctx, source, target); err != nil {
		return nil, err
	}
	f.enlarge(ctx, source, target)
	var out []connect.TopicPartition
	for _, topic := range f.chosen {
		for p := range min(source[topic], target[f.remote(topic)]) {
			out = append(out, connect.TopicPartition{Topic: topic, Partition: p})
		}
	}
	return out, nil
}

// create makes the mirrored topics that are missing, and adds them to target.
func (f *Follower) create(ctx context.Context, source, target map[string]int32) error {
	var missing []string
	for _, topic := range f.chosen {
		if target[f.remote(topic)] == 0 {
			missing = append(missing, topic)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	configs, err := describe(ctx, f.Source, "source", missing)
	if err != nil {
		return err
	}
	for _, topic := range missing {
		settings, err := f.Configs.initial(configs[topic])
		if err != nil {
			return err
		}
		remote := f.remote(topic)
		err = kafka.Topic{Name: remote, Partitions: source[topic], Replication: f.Replication, Configs: settings,
			ReplicationKey: "replication.factor"}.Create(ctx, kadm.NewClient(f.Target))
		if err != nil {
			f.Logger.Warn("a topic cannot be mirrored until it can be made, which is tried when topics are looked for again",
				"topic", topic, "error", err)
			continue
		}
		f.Logger.Info("made a mirrored topic", "topic", remote, "partitions", source[topic])
		target[remote] = source[topic]
	}
	return nil
}

// enlarge gives mirrored topics the partitions that they lack, and notes that in target.
func (f *Follower) enlarge(ctx context.Context, source, target map[string]int32) {
	for _, topic := range f.chosen {
		remote := f.remote(topic)
		has, want := target[remote], source[topic]
		if has == 0 || has >= want {
			continue
		}
		answers, err := kadm.NewClient(f.Target).UpdatePartitions(ctx, int(want), remote)
		if err = cmp.Or(err, answers[remote].Err); err != nil {
			f.Logger.Warn("the new partitions of a topic cannot be mirrored until its mirror can be enlarged, which is tried "+
				"when topics are looked for again", "topic", topic, "error", err)
			continue
		}
		f.Logger.Info("enlarged a mirrored topic", "topic", remote, "partitions", want)
		target[remote] = want
	}
}
