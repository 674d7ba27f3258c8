package sinktask

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// consumer is the task's member of the connector's group. The methods of the
// loop are poll, yield, block, seek and commit; the others are safe for
// concurrent use, also before join.
type consumer struct {
	group    string
	instance string // group.instance.id, "" for a dynamic member
	maxPoll  int
	pausing  *counts.Stopwatch // runs while partitions are paused

	joined  chan struct{} // closed once there is a client; callbacks wait for it
	mu      sync.Mutex    // guards writing client, and the rest
	client  *kgo.Client
	stops   *kafka.Stops
	paused  map[connect.TopicPartition]bool // by the task
	resting bool                            // nothing is fetched, as the task itself is paused
}

func newConsumer(s *plan.Subscription, id int, pausing *counts.Stopwatch) *consumer {
	c := &consumer{group: s.Group, maxPoll: s.MaxPollRecords, joined: make(chan struct{}), pausing: pausing,
		paused: map[connect.TopicPartition]bool{}}
	if s.InstancePrefix != "" {
		c.instance = fmt.Sprintf("%s-%d", s.InstancePrefix, id) // tasks are members of their own
	}
	return c
}

// join makes the client. Partitions may be assigned at once.
func (c *consumer) join(s *plan.Subscription, opts ...kgo.Opt) error {
	configured, err := s.Consumer.Options()
	if err != nil {
		return fmt.Errorf("configure the consumer: %w", err)
	}
	opts = append(configured, opts...)
	opts = append(opts, kgo.ConsumerGroup(c.group), kgo.Balancers(kgo.CooperativeStickyBalancer()),
		kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(), kgo.KeepControlRecords())
	if c.instance != "" {
		opts = append(opts, kgo.InstanceID(c.instance))
	}
	if s.Pattern != nil {
		opts = append(opts, kgo.ConsumeRegex(), kgo.ConsumeTopics(s.Pattern.String()))
	} else {
		opts = append(opts, kgo.ConsumeTopics(s.Topics...))
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return lives.Fatal(fmt.Errorf("configure the consumer: %w", err))
	}
	c.mu.Lock()
	c.client, c.stops = client, kafka.NewStops(client)
	c.mu.Unlock()
	close(c.joined)
	return nil
}

// poll lets rebalances happen and then waits for records until ctx is done.
// Rebalances are blocked when it returns.
func (c *consumer) poll(ctx context.Context) kgo.Fetches {
	c.client.AllowRebalance()
	fetches := c.client.PollRecords(ctx, c.maxPoll)
	if len(fetches) == 0 {
		c.block() // a rebalance took the records back, and the poll did not block the next one
	}
	return fetches
}

// yield lets rebalances happen for a while and then blocks them again.
func (c *consumer) yield(ctx context.Context, d time.Duration) error {
	c.client.AllowRebalance()
	err := backoff.Sleep(ctx, d)
	c.block()
	return err
}

// block keeps rebalances from happening until poll or yield: a poll with a
// context that is done returns at once and blocks them.
func (c *consumer) block() {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	c.client.PollRecords(done, 1)
}

// seek sets where partitions that flow go on.
func (c *consumer) seek(offsets connect.Offsets) {
	if len(offsets) > 0 {
		c.client.SetOffsets(epochOffsets(offsets))
	}
}

// skip goes on behind a batch that is given up.
func (c *consumer) skip(b kafka.Batch) {
	b.Skip(c.client)
	c.stops.Skipped()
}

// forget has the client forget topics that are gone, which else goes on asking for them.
func (c *consumer) forget(topics []string) { c.client.PurgeTopicsFromConsuming(topics...) }

// resumeStopped makes partitions flow again that the client has stopped and will not
// report. positions are those of all partitions that flow.
func (c *consumer) resumeStopped(positions func() connect.Offsets) {
	if c.stops.Forgotten() {
		c.stops.Resume(epochOffsets(positions()))
	}
}

// commit commits offsets and returns those that the coordinator took, with the
// first refusal.
func (c *consumer) commit(ctx context.Context, offsets connect.Offsets) (taken connect.Offsets, err error) {
	c.client.CommitOffsetsSync(ctx, epochOffsets(offsets),
		func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, failed error) {
			taken, err = answer(offsets, resp, failed)
		})
	return taken, err
}

func answer(offsets connect.Offsets, resp *kmsg.OffsetCommitResponse, err error) (connect.Offsets, error) {
	taken := connect.Offsets{}
	if err != nil {
		return taken, err
	}
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			tp := connect.TopicPartition{Topic: t.Topic, Partition: p.Partition}
			if refused := kerr.ErrorForCode(p.ErrorCode); refused != nil {
				err = fmt.Errorf("%s: %w", tp, refused)
				continue
			}
			taken[tp] = offsets[tp]
		}
	}
	return taken, err
}

func epochOffsets(offsets connect.Offsets) map[string]map[int32]kgo.EpochOffset {
	out := map[string]map[int32]kgo.EpochOffset{}
	for tp, offset := range offsets {
		if out[tp.Topic] == nil {
			out[tp.Topic] = map[int32]kgo.EpochOffset{}
		}
		out[tp.Topic][tp.Partition] = kgo.EpochOffset{Epoch: -1, Offset: offset}
	}
	return out
}

// current returns the client, nil before join.
func (c *consumer) current() *kgo.Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.client
}

// pause stops fetching partitions.
func (c *consumer) pause(partitions []connect.TopicPartition) {
	if client := c.current(); client != nil && len(partitions) > 0 {
		client.PauseFetchPartitions(byTopic(partitions))
		c.note(partitions, true)
	}
}

// resume undoes pause.
func (c *consumer) resume(partitions []connect.TopicPartition) {
	if client := c.current(); client != nil && len(partitions) > 0 {
		client.ResumeFetchPartitions(byTopic(partitions))
		c.note(partitions, false)
	}
}

// rest stops fetching anything, or goes on. The client pauses topics, which leaves
// alone what the task does with partitions.
func (c *consumer) rest(on bool, owned []connect.TopicPartition) {
	c.mu.Lock()
	c.resting = on
	c.mu.Unlock()
	if on {
		c.added(owned)
	} else {
		c.client.ResumeFetchTopics(c.client.PauseFetchTopics()...)
	}
}

// added keeps partitions that were just assigned from being fetched while the task is
// paused.
func (c *consumer) added(list []connect.TopicPartition) {
	c.mu.Lock()
	resting := c.resting
	c.mu.Unlock()
	if resting && len(list) > 0 {
		c.current().PauseFetchTopics(slices.Collect(maps.Keys(byTopic(list)))...)
	}
}

// note keeps the time that partitions are paused.
func (c *consumer) note(partitions []connect.TopicPartition, paused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, tp := range partitions {
		if paused {
			c.paused[tp] = true
		} else {
			delete(c.paused, tp)
		}
	}
	c.pausing.Set(len(c.paused) > 0)
}

// isMember asks the coordinator with a heartbeat whether the member belongs to
// the group's generation. The coordinator refuses it once the member was
// expelled or a later generation began without it, so true means: when the
// answer was given, nobody else could own the member's partitions.
//
// The heartbeat also renews the session, so nobody else can get them for
// session.timeout.ms after it was sent, except through a rebalance that this
// member takes part in, and then they are revoked first. A rebalance that is
// under way (REBALANCE_IN_PROGRESS) leaves the old generation its partitions
// until its members rejoin, so that is true as well, but without the guarantee
// for the time to come.
func (c *consumer) isMember(ctx context.Context) (bool, error) {
	client := c.current()
	if client == nil {
		return false, nil
	}
	for range 3 {
		member, generation := client.GroupMetadata()
		if generation < 0 {
			return false, nil
		}
		err := c.heartbeat(ctx, client, member, generation)
		if now, g := client.GroupMetadata(); err != nil && (now != member || g != generation) {
			continue // the client rejoined meanwhile
		}
		switch {
		case err == nil, errors.Is(err, kerr.RebalanceInProgress):
			return true, nil
		case isStranger(err):
			return false, nil
		}
		return false, err
	}
	return false, nil
}

// isStranger reports whether err is how the coordinator refuses somebody who is
// not, or no longer, a member of the group's generation.
func isStranger(err error) bool {
	return errors.Is(err, kerr.IllegalGeneration) || errors.Is(err, kerr.UnknownMemberID) ||
		errors.Is(err, kerr.FencedInstanceID)
}

func (c *consumer) heartbeat(ctx context.Context, client *kgo.Client, member string, generation int32) error {
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = c.group, member, generation
	if c.instance != "" {
		req.InstanceID = kmsg.StringPtr(c.instance)
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// close leaves the group.
func (c *consumer) close() {
	c.pausing.Set(false)
	if client := c.current(); client != nil {
		client.CloseAllowingRebalance()
	}
}

func byTopic(list []connect.TopicPartition) map[string][]int32 {
	out := map[string][]int32{}
	for _, tp := range list {
		out[tp.Topic] = append(out[tp.Topic], tp.Partition)
	}
	return out
}
