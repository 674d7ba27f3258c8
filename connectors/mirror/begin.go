package mirror

import (
	"context"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// resetPolicy is where a partition is read from of which no position is kept, or one that is not
// in the partition.
func resetPolicy(v config.Values) string {
	if policy, ok := clusters.Source.Value(kafka.Consumer, v, "auto.offset.reset"); ok {
		return policy
	}
	return "earliest"
}

// begin returns where to read from, given the next offsets, -1 for none. A position that is not in its
// partition is not left to the client, which would go to the nearest end: a topic that was made anew
// has fewer records than were mirrored of the old one, and would be read from its end.
func (t *SourceTask) begin(ctx context.Context, next map[connect.TopicPartition]int64, policy string) (
	map[string]map[int32]kgo.Offset, error) {
	starts, ends, err := t.bounds(ctx, next)
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
			if at, err = fromPolicy(p, policy, "no offset of it is kept"); err != nil {
				return nil, err
			}
		case known && start.Err == nil && end.Err == nil && (offset < start.Offset || offset > end.Offset):
			why := fmt.Sprintf("it has the offsets %d to %d, and the next one to mirror is %d", start.Offset, end.Offset, offset)
			if at, err = fromPolicy(p, policy, why); err != nil {
				return nil, err
			}
			t.logger.Warn("records were deleted before they were mirrored, or the topic was made anew: the partition is "+
				"read from where auto.offset.reset says", "topic", p.Topic, "partition", p.Partition, "reason", why,
				"auto_offset_reset", policy)
		}
		if begin[p.Topic] == nil {
			begin[p.Topic] = map[int32]kgo.Offset{}
		}
		begin[p.Topic][p.Partition] = at
	}
	return begin, nil
}

// bounds returns the first and the next offsets of the topics.
func (t *SourceTask) bounds(ctx context.Context, of map[connect.TopicPartition]int64) (
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
	adm := kadm.NewClient(t.consumer)
	if starts, err = adm.ListStartOffsets(ctx, topics...); err == nil {
		ends, err = adm.ListEndOffsets(ctx, topics...)
	}
	for _, listed := range []kadm.ListedOffsets{starts, ends} {
		listed.Each(func(o kadm.ListedOffset) {
			if err == nil && o.Err != nil && !isGone(o.Err) {
				err = o.Err
			}
		})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the offsets of topics of the source cluster: %w", err)
	}
	return starts, ends, nil
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
