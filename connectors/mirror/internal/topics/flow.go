package topics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/suiro/suiro/connectors/mirror/internal/naming"
	"github.com/suiro/suiro/connectors/mirror/internal/selection"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Flow is what goes from one cluster to another. It is used by one goroutine at a time.
type Flow struct {
	// Source and Target are clients of the two clusters.
	Source, Target *kgo.Client
	// SourceAlias and TargetAlias are what the clusters are called in the names of topics.
	SourceAlias, TargetAlias string
	// Policy names topics, Topics chooses them, and with Heartbeats topics of heartbeats are chosen
	// always.
	Policy     naming.Policy
	Topics     selection.Selection
	Heartbeats bool
	// Logger is the connector's.
	Logger *slog.Logger

	same    bool // both are one cluster
	checked bool // same is known
}

// ErrOneCluster says that a cluster would be mirrored to itself under the same names.
var ErrOneCluster = errors.New("source and target are the same cluster, and replication.policy.class leaves the " +
	"names of topics as they are, so that each record would be written to the topic that it came from, again and again: " +
	"correct source.cluster.bootstrap.servers or target.cluster.bootstrap.servers")

func (f *Flow) remote(topic string) string { return f.Policy.Remote(f.SourceAlias, topic) }

// compareClusters finds out whether there are two clusters. What is mirrored within one cluster would
// be found there as a topic to be mirrored.
func (f *Flow) compareClusters(ctx context.Context) error {
	if f.checked {
		return nil
	}
	source, err := kadm.NewClient(f.Source).BrokerMetadata(ctx)
	if err != nil {
		return fmt.Errorf("ask the source cluster for its id: %w", err)
	}
	target, err := kadm.NewClient(f.Target).BrokerMetadata(ctx)
	if err != nil {
		return fmt.Errorf("ask the target cluster for its id: %w", err)
	}
	f.checked, f.same = true, source.Cluster != "" && source.Cluster == target.Cluster
	if f.same && f.Policy.Identity {
		f.checked = false
		return ErrOneCluster
	}
	return nil
}

// list returns how many partitions the topics have that are to be mirrored.
func (f *Flow) list(ctx context.Context) (map[string]int32, error) {
	all, err := count(ctx, f.Source, "source")
	if err != nil {
		return nil, err
	}
	for topic := range all {
		ok, err := f.Mirrors(topic)
		if err != nil {
			return nil, fmt.Errorf("choose topics: topic %s: %w", topic, err)
		}
		if !ok {
			delete(all, topic)
		}
	}
	return all, nil
}

// Mirrors reports whether a topic of the source is to be mirrored. The error is of a regular
// expression that takes too long.
func (f *Flow) Mirrors(topic string) (bool, error) {
	if f.Policy.IsInternal(topic) || f.Policy.ReturnsTo(f.TargetAlias, topic) {
		return false, nil
	}
	if from, remote := f.Policy.SourceOf(topic); f.same && remote && from == f.SourceAlias {
		return false, nil
	}
	if f.Heartbeats && f.Policy.IsHeartbeats(topic) {
		return true, nil
	}
	return f.Topics.Chooses(topic)
}

// count returns how many partitions each topic of a cluster has, but Kafka's own topics. It asks a
// broker, as what a client remembers may be older than a topic that was made a moment ago.
func count(ctx context.Context, cl *kgo.Client, which string) (map[string]int32, error) {
	resp, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		return nil, fmt.Errorf("list the topics of the %s cluster: %w", which, err)
	}
	out := make(map[string]int32, len(resp.Topics))
	for _, t := range resp.Topics {
		if t.ErrorCode == 0 && t.Topic != nil && !t.IsInternal {
			out[*t.Topic] = int32(len(t.Partitions))
		}
	}
	return out, nil
}
