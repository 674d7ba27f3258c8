package offsets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

var _ keeper = (*sink)(nil)

// sink has the offsets of a sink's consumer group.
type sink struct {
	plan *plan.Connector
	open func(*plan.Connector) (*kadm.Client, error)
}

// The keys of a partition and an offset of Kafka.
const (
	topicKey     = "kafka_topic"
	partitionKey = "kafka_partition"
	offsetKey    = "kafka_offset"
)

func (s *sink) list(ctx context.Context) (out []api.ConnectorOffset, err error) {
	err = s.with("retrieve consumer group offsets", func(admin *kadm.Client) error {
		kept, err := s.fetch(ctx, admin)
		for _, tp := range sorted(kept) {
			out = append(out, api.ConnectorOffset{
				Partition: api.Position{topicKey: tp.Topic, partitionKey: int64(tp.Partition)},
				Offset:    api.Position{offsetKey: kept[tp]}})
		}
		return err
	})
	return out, err
}

// with calls f with a client. What could not be done is said in Kafka Connect's words.
func (s *sink) with(what string, f func(*kadm.Client) error) error {
	admin, err := s.open(s.plan)
	if err == nil {
		defer admin.Close()
		err = f(admin)
	}
	var known *herder.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	return herder.Errorf(err, "Failed to %s for sink connector %s: %v", what, s.plan.Name, err)
}

// fetch returns the offsets that the group has committed.
func (s *sink) fetch(ctx context.Context, admin *kadm.Client) (connect.Offsets, error) {
	fetched, err := admin.FetchOffsets(ctx, s.plan.Subscription.Group)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return nil, nil
	}
	if err = cmp.Or(err, fetched.Error()); err != nil {
		return nil, err
	}
	out := connect.Offsets{}
	fetched.Each(func(o kadm.OffsetResponse) {
		if o.At >= 0 {
			out[connect.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = o.At
		}
	})
	return out, nil
}

// exist finds partitions that are not in Kafka, of which it would refuse the offsets after
// it has taken the others.
func exist(ctx context.Context, admin *kadm.Client, offsets connect.Offsets) error {
	if len(offsets) == 0 {
		return nil // the request would be for all topics
	}
	partitions := sorted(offsets)
	topics := make([]string, 0, len(partitions))
	for _, tp := range partitions {
		topics = append(topics, tp.Topic)
	}
	found, err := admin.ListTopics(ctx, slices.Compact(topics)...)
	if err != nil {
		return err
	}
	for _, tp := range partitions {
		_, ok := found[tp.Topic].Partitions[tp.Partition]
		if err := found[tp.Topic].Err; !ok && (err == nil || errors.Is(err, kerr.UnknownTopicOrPartition)) {
			return herder.Errorf(herder.ErrInvalid, "There is no partition %v in Kafka: name one that the connector reads", tp)
		}
	}
	return nil
}

func (s *sink) alter(ctx context.Context, changes []api.ConnectorOffset) (told bool, err error) {
	offsets, forgotten, err := parse(changes)
	if err != nil {
		return false, err
	}
	err = s.with("alter consumer group offsets", func(admin *kadm.Client) (err error) {
		if err := exist(ctx, admin, offsets); err != nil {
			return err
		}
		if told, err = s.tell(ctx, offsets, forgotten); err != nil {
			return err
		}
		if err = s.commit(ctx, admin, offsets); err == nil {
			err = s.forget(ctx, admin, forgotten)
		}
		return s.explained("alter", err)
	})
	return told, err
}

// tell asks the connector, if it wants to know, whether it takes the offsets.
func (s *sink) tell(ctx context.Context, offsets connect.Offsets, forgotten []connect.TopicPartition) (bool, error) {
	a, ok := s.plan.NewSink().(connect.SinkOffsetAlterer)
	if !ok {
		return false, nil
	}
	return true, refused(s.plan, a.AlterOffsets(ctx, s.plan.Values, offsets, forgotten))
}

func (s *sink) commit(ctx context.Context, admin *kadm.Client, offsets connect.Offsets) error {
	if len(offsets) == 0 {
		return nil
	}
	var all kadm.Offsets
	for tp, at := range offsets {
		all.AddOffset(tp.Topic, tp.Partition, at, -1)
	}
	committed, err := admin.CommitOffsets(ctx, s.plan.Subscription.Group, all)
	if err != nil {
		return err
	}
	return committed.Error()
}

func (s *sink) forget(ctx context.Context, admin *kadm.Client, partitions []connect.TopicPartition) error {
	var set kadm.TopicsSet
	for _, tp := range partitions {
		set.Add(tp.Topic, tp.Partition)
	}
	deleted, err := admin.DeleteOffsets(ctx, s.plan.Subscription.Group, set)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return nil // there is nothing to forget
	}
	return cmp.Or(err, deleted.Error())
}

func (s *sink) reset(ctx context.Context) (told bool, err error) {
	err = s.with("reset consumer group offsets", func(admin *kadm.Client) error {
		kept, err := s.fetch(ctx, admin)
		if err != nil {
			return err
		}
		if told, err = s.tell(ctx, nil, sorted(kept)); err != nil {
			return err
		}
		_, err = admin.DeleteGroup(ctx, s.plan.Subscription.Group)
		if errors.Is(err, kerr.GroupIDNotFound) {
			return nil
		}
		return s.explained("reset", err)
	})
	return told, err
}

// explained says what it means when Kafka refuses a change because the group has members.
func (s *sink) explained(what string, err error) error {
	for _, busy := range []error{kerr.UnknownMemberID, kerr.NonEmptyGroup, kerr.GroupSubscribedToTopic} {
		if errors.Is(err, busy) {
			return Busy(what, s.plan)
		}
	}
	return err
}

// parse reads changes, of which the last one for a partition holds.
func parse(changes []api.ConnectorOffset) (offsets connect.Offsets, forgotten []connect.TopicPartition, err error) {
	offsets, gone := connect.Offsets{}, connect.Offsets{}
	for _, c := range changes {
		tp, err := parsePartition(c.Partition)
		if err != nil {
			return nil, nil, err
		}
		delete(offsets, tp)
		delete(gone, tp)
		if c.Offset == nil {
			gone[tp] = 0
			continue
		}
		if offsets[tp], err = parseOffset(c.Offset); err != nil {
			return nil, nil, err
		}
	}
	return offsets, sorted(gone), nil
}

func parsePartition(p api.Position) (tp connect.TopicPartition, err error) {
	topic, hasTopic := p[topicKey]
	number, hasNumber := p[partitionKey]
	switch {
	case p == nil:
		return tp, herder.Errorf(herder.ErrInvalid, "The partition for a sink connector offset cannot be null or missing")
	case !hasTopic || !hasNumber:
		return tp, herder.Errorf(herder.ErrInvalid,
			"The partition for a sink connector offset must contain the keys '%s' and '%s'", topicKey, partitionKey)
	}
	switch {
	case topic == nil:
		return tp, herder.Errorf(herder.ErrInvalid, "Kafka topic names must be valid strings and may not be null")
	case number == nil:
		return tp, herder.Errorf(herder.ErrInvalid, "Kafka partitions must be valid numbers and may not be null")
	}
	n, err := strconv.ParseInt(fmt.Sprint(number), 10, 32)
	if err != nil || n < 0 {
		return tp, herder.Errorf(herder.ErrInvalid, "Failed to parse the following Kafka partition value in the provided "+
			"offsets: '%.100s'. Partition values for sink connectors need to be integers.", fmt.Sprint(number))
	}
	return connect.TopicPartition{Topic: fmt.Sprint(topic), Partition: int32(n)}, nil
}

func parseOffset(o api.Position) (int64, error) {
	value, ok := o[offsetKey]
	if !ok {
		return 0, herder.Errorf(herder.ErrInvalid,
			"The offset for a sink connector should either be null or contain the key '%s'", offsetKey)
	}
	text := fmt.Sprint(value)
	if value == nil {
		text = "null"
	}
	at, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, herder.Errorf(herder.ErrInvalid, "Failed to parse the following Kafka offset value in the provided "+
			"offsets: '%.100s'. Offset values for sink connectors need to be integers.", text)
	}
	if at < 0 {
		return 0, herder.Errorf(herder.ErrInvalid, "The offset %d for a sink connector is negative: Kafka counts from 0", at)
	}
	return at, nil
}

// sorted returns partitions by topic and number.
func sorted(offsets connect.Offsets) []connect.TopicPartition {
	return slices.SortedFunc(maps.Keys(offsets), func(a, b connect.TopicPartition) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
}
