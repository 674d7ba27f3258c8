package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/cmd/internal/dlq/cluster"
	"github.com/suiro/suiro/cmd/internal/dlq/reader"
	"github.com/suiro/suiro/internal/backoff"
)

// GroupOf is the name of the group that remembers for a topic what was put back, unless
// another one is given.
func GroupOf(topic string) string { return "suiro-dlq-" + topic }

// Memories are those of the partitions of a topic.
type Memories map[int32]*Memory

// Known reports whether the group remembers anything of the topic.
func (m Memories) Known() bool {
	for _, each := range m {
		if each.Known {
			return true
		}
	}
	return false
}

// lookPatience is how long one who only looks waits for a transaction that is about to end.
const lookPatience = 3 * time.Second

// Look returns what a group remembers of a topic. A transaction that does not end in a few
// seconds, as its replay was killed or is at work, does not count.
func Look(ctx context.Context, cl *kgo.Client, group, topic string, spans []reader.Span) (Memories, error) {
	short, cancel := context.WithTimeout(kadm.RequireStable(ctx), lookPatience)
	defer cancel()
	m, err := load(short, cl, group, topic, spans)
	if err != nil && short.Err() != nil && ctx.Err() == nil {
		return load(ctx, cl, group, topic, spans)
	}
	return m, err
}

// load returns what a group remembers of a topic.
func load(ctx context.Context, cl *kgo.Client, group, topic string, spans []reader.Span) (Memories, error) {
	offsets, err := fetch(ctx, kadm.NewClient(cl), group, topic)
	if err != nil {
		return nil, fmt.Errorf("read the offsets of group %s: %w", group, cluster.Explain(err))
	}
	out := Memories{}
	for _, s := range spans {
		m := Memory{}
		if o, ok := offsets.Lookup(topic, s.Partition); ok && o.At >= 0 {
			if m, err = decode(o.At, o.Metadata); err != nil {
				return nil, fmt.Errorf("group %s, partition %d: %w: name another group with --group", group, s.Partition,
					err)
			}
			if m.Next > s.To {
				return nil, fmt.Errorf("group %s has put back letters up to offset %d of partition %d, which ends at %d: the "+
					"topic was made again: delete the group's offsets, or name another one with --group", group, m.Next,
					s.Partition, s.To)
			}
		}
		m.begin(s.From)
		out[s.Partition] = &m
	}
	return out, nil
}

// rest returns the parts of spans that follow what was put back as a whole.
func (m Memories) rest(spans []reader.Span) []reader.Span {
	out := slices.Clone(spans)
	for i, s := range out {
		out[i].From = min(m[s.Partition].Next, s.To)
	}
	return out
}

func fetch(ctx context.Context, adm *kadm.Client, group, topic string) (kadm.OffsetResponses, error) {
	pause := backoff.Backoff{First: 50 * time.Millisecond, Max: time.Second}
	for {
		offsets, err := adm.FetchOffsetsForTopics(ctx, group, topic)
		if err == nil {
			err = offsets.Error()
		}
		if errors.Is(err, kerr.GroupIDNotFound) {
			return nil, nil // nothing was put back
		}
		if !kerr.IsRetriable(err) {
			return offsets, err
		}
		if slept := backoff.Sleep(ctx, pause.Next()); slept != nil {
			return nil, errors.Join(err, slept)
		}
	}
}

// checkFree refuses a group that consumers use: what they commit is no memory of letters.
func checkFree(ctx context.Context, cl *kgo.Client, group string) error {
	groups, err := kadm.NewClient(cl).DescribeGroups(ctx, group)
	if err == nil {
		err = groups[group].Err
	}
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return fmt.Errorf("describe group %s: %w", group, cluster.Explain(err))
	}
	if n := len(groups[group].Members); n > 0 {
		return fmt.Errorf("group %s has %d members, so it is one of consumers: name another one with --group", group, n)
	}
	return nil
}

// commitOffsets makes what is remembered a part of the transaction that the client is in.
func commitOffsets(ctx context.Context, cl *kgo.Client, group, topic string, offsets map[int32]kadm.Offset) error {
	id, epoch, err := cl.ProducerID(ctx)
	if err != nil {
		return err
	}
	transactional, _ := cl.OptValue(kgo.TransactionalID).(string)
	add := kmsg.NewPtrAddOffsetsToTxnRequest()
	add.TransactionalID, add.ProducerID, add.ProducerEpoch, add.Group = transactional, id, epoch, group
	err = again(ctx, func() error {
		resp, err := add.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(resp.ErrorCode)
	})
	if err != nil {
		return err
	}
	commit := kmsg.NewPtrTxnOffsetCommitRequest()
	commit.TransactionalID, commit.ProducerID, commit.ProducerEpoch, commit.Group = transactional, id, epoch, group
	t := kmsg.NewTxnOffsetCommitRequestTopic()
	t.Topic = topic
	for partition, o := range offsets {
		p := kmsg.NewTxnOffsetCommitRequestTopicPartition()
		p.Partition, p.Offset, p.Metadata = partition, o.At, &o.Metadata
		t.Partitions = append(t.Partitions, p)
	}
	commit.Topics = append(commit.Topics, t)
	return again(ctx, func() error {
		resp, err := commit.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		return refusals(resp)
	})
}

func refusals(resp *kmsg.TxnOffsetCommitResponse) error {
	var errs []error
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			errs = append(errs, kerr.ErrorForCode(p.ErrorCode))
		}
	}
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	return errs[0]
}

// again repeats a request while brokers are busy with another transaction or have no coordinator yet.
func again(ctx context.Context, request func() error) error {
	pause := backoff.Backoff{First: 20 * time.Millisecond, Max: time.Second}
	for {
		err := request()
		var code *kerr.Error
		if !errors.As(err, &code) || !code.Retriable && !errors.Is(err, kerr.ConcurrentTransactions) {
			return err
		}
		if slept := backoff.Sleep(ctx, pause.Next()); slept != nil {
			return errors.Join(err, slept)
		}
	}
}
