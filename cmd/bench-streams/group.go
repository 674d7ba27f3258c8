package main

import (
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// group is the consumer group of an app: it says how far the app is.
type group struct {
	client   *kgo.Client
	admin    *kadm.Client
	name     string
	inputs   []string // topics that the app reads
	internal string   // its repartition topic, "" for none
}

// done is how many records are done: those of the repartition topic, where there is one,
// and of the inputs elsewhere.
func (g *group) done(ctx context.Context) (done int64, err error) {
	topics := g.inputs
	if g.internal != "" {
		topics = []string{g.internal}
	}
	committed, err := g.admin.FetchOffsets(ctx, g.name)
	if err != nil {
		return 0, nil // the group may not be there yet
	}
	committed.Each(func(c kadm.OffsetResponse) {
		if slices.Contains(topics, c.Topic) {
			done += max(0, c.At)
		}
	})
	return done, nil
}

// idle reports whether everything is done that the app reads: all but the marker of the last
// transaction, which Kafka Streams does not commit.
func (g *group) idle(ctx context.Context) (bool, error) {
	committed, err := g.admin.FetchOffsets(ctx, g.name)
	if err != nil {
		return false, err
	}
	topics := slices.Clone(g.inputs)
	if g.internal != "" {
		topics = append(topics, g.internal)
	}
	ends, err := g.admin.ListEndOffsets(ctx, topics...)
	if err == nil {
		err = ends.Error()
	}
	behind := false
	ends.Each(func(end kadm.ListedOffset) {
		c, _ := committed.Lookup(end.Topic, end.Partition)
		if lag := end.Offset - c.At; lag > 1 || lag > 0 && end.Topic != g.internal {
			behind = true
		}
	})
	return !behind, err
}

// settled returns how many records a process that was killed has done, once a commit that
// brokers had begun has ended.
func (g *group) settled(ctx context.Context) (int64, error) {
	before := int64(-1)
	for {
		now, err := g.done(ctx)
		if err != nil || now == before && now > 0 { // 0 while the coordinator does not answer
			return now, err
		}
		before = now
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// leave takes all members out of the group, as an operator does who resets an app.
func (g *group) leave(ctx context.Context) error {
	described, err := g.admin.DescribeGroups(ctx, g.name)
	if err != nil {
		return err
	}
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = g.name
	for _, m := range described[g.name].Members {
		member := kmsg.NewLeaveGroupRequestMember()
		member.MemberID, member.InstanceID = m.MemberID, m.InstanceID
		req.Members = append(req.Members, member)
	}
	if len(req.Members) == 0 {
		return nil
	}
	_, err = req.RequestWith(ctx, g.client)
	return err
}
