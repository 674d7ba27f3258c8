// Package positions finds out where to read a partition of the source cluster from: at the offset
// that is kept, or where auto.offset.reset says when none is, or when it is not in the partition.
package positions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Finder finds positions.
type Finder struct {
	// Client is one of the source cluster.
	Client *kgo.Client
	// Logger takes warnings about offsets that are not in their partition.
	Logger *slog.Logger
	// Policy is where a partition is read from of which no position is kept, or one that is not in the
	// partition: earliest, latest or none.
	Policy string
}

// Policy is what auto.offset.reset says of the consumer of the source cluster.
func Policy(v config.Values) string {
	if policy, ok := clusters.Source.Value(kafka.Consumer, v, "auto.offset.reset"); ok {
		return policy
	}
	return "earliest"
}

// Begin returns where to read from, given the next offsets, -1 for none. A position that is not in its
// partition is not left to the client, which would go to the nearest end: a topic that was made anew
// has fewer records than were mirrored of the old one, and would be read from its end.
func (f Finder) Begin(ctx context.Context, next map[connect.TopicPartition]int64) (
	map[string]map[int32]kgo.Offset, error) {
	starts, ends, err := f.bounds(ctx, next)
	if err != nil {
		return nil, err
	}
	begin := map[string]map[int32]kgo.Offset{}
	for p, offset := range next {
		at := kgo.NewOffset().At(offset)
		start, _ := starts.Lookup(p.Topic, p.Partition)
		end, known := ends.Lookup(p.Topic, p.Partition)
		switch {
		case offset < 0:
			if at, err = fromPolicy(p, f.Policy, "no offset of it is kept"); err != nil {
				return nil, err
			}
		case known && start.Err == nil && end.Err == nil && (offset < start.Offset || offset > end.Offset):
			why := fmt.Sprintf("it has the offsets %d to %d, and the next one to mirror is %d", start.Offset, end.Offset, offset)
			if at, err = fromPolicy(p, f.Policy, why); err != nil {
				return nil, err
			}
			f.Logger.Warn("records were deleted before they were mirrored, or the topic was made anew: the partition is "+
				"read from where auto.offset.reset says", "topic", p.Topic, "partition", p.Partition, "reason", why,
				"auto_offset_reset", f.Policy)
		}
		if begin[p.Topic] == nil {
			begin[p.Topic] = map[int32]kgo.Offset{}
		}
		begin[p.Topic][p.Partition] = at
	}
	return begin, nil
}

// bounds returns the first and the next offsets of the topics.
func (f Finder) bounds(ctx context.Context, of map[connect.TopicPartition]int64) (
	starts, ends kadm.ListedOffsets, err error) {
	kept := map[string]bool{}
	var topics []string
	for p, offset := range of {
		if offset >= 0 && !kept[p.Topic] {
			kept[p.Topic] = true
			topics = append(topics, p.Topic)
		}
	}
	if len(topics) == 0 {
		return nil, nil, nil // the request would be for all topics
	}
	adm := kadm.NewClient(f.Client)
	if starts, err = adm.ListStartOffsets(ctx, topics...); err == nil {
		ends, err = adm.ListEndOffsets(ctx, topics...)
	}
	for _, listed := range []kadm.ListedOffsets{starts, ends} {
		listed.Each(func(o kadm.ListedOffset) {
			if err == nil && o.Err != nil && !IsGone(o.Err) {
				err = o.Err
			}
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the offsets of topics of the source cluster: %w", err)
	}
	return starts, ends, nil
}

// IsGone reports whether an error is about a topic that was deleted. The connector leaves it out when
// it looks for topics the next time.
func IsGone(err error) bool {
	return errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID)
}

// fromPolicy returns where to begin according to auto.offset.reset.
func fromPolicy(p connect.TopicPartition, policy, why string) (kgo.Offset, error) {
	switch policy {
	case "latest":
		return kgo.NewOffset().AtEnd(), nil
	case "none":
		return kgo.Offset{}, fmt.Errorf("partition %s of the source cluster: %s, and auto.offset.reset is none: set it to "+
			"earliest or latest, or give the connector another offset", p, why)
	}
	return kgo.NewOffset().AtStart(), nil
}
