package global

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// spans is what brokers say of a topic.
type spans struct {
	id         kadm.TopicID
	partitions map[int32]span
}

// span is what there is of a partition: from start to the last stable offset, and to the
// high watermark with the transactions that are open.
type span struct{ start, end, high int64 }

// askTimeout is how long brokers may take to say it.
const askTimeout = 10 * time.Second

// ask returns what brokers say of a topic. It is not there when the error wraps
// [kerr.UnknownTopicOrPartition].
func ask(ctx context.Context, adm *kadm.Client, topic string) (*spans, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	listed, err := adm.ListTopics(ctx, topic)
	if err == nil {
		err = listed[topic].Err
	}
	if err != nil {
		return nil, fmt.Errorf("look at topic %s: %w", topic, err)
	}
	s := &spans{id: listed[topic].ID, partitions: map[int32]span{}}
	starts, err1 := adm.ListStartOffsets(ctx, topic)
	ends, err2 := adm.ListCommittedOffsets(ctx, topic)
	highs, err3 := adm.ListEndOffsets(ctx, topic)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("list offsets of topic %s: %w", topic, err)
	}
	for p := range listed[topic].Partitions {
		at := func(of kadm.ListedOffsets) int64 {
			o, ok := of.Lookup(topic, p)
			if !ok {
				o.Err = kerr.UnknownTopicOrPartition
			}
			err = errors.Join(err, o.Err)
			return o.Offset
		}
		s.partitions[p] = span{at(starts), at(ends), at(highs)}
		if err != nil {
			return nil, fmt.Errorf("list offsets of topic %s: %w", topic, err)
		}
	}
	return s, nil
}
