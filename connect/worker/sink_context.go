package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"

	"github.com/suiro/suiro/connect"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var _ connect.SinkContext = (*sinkContext)(nil)

// sinkContext is what a sink task may ask for, from any goroutine.
type sinkContext struct{ s *sinkRun }

// client is nil before the task has started.
func (c *sinkContext) client() *kgo.Client {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.cl
}

func (c *sinkContext) Pause(partitions ...connect.TopicPartition) {
	if cl := c.client(); cl != nil && len(partitions) > 0 {
		cl.PauseFetchPartitions(byTopic(partitions))
	}
}

func (c *sinkContext) Resume(partitions ...connect.TopicPartition) {
	if cl := c.client(); cl != nil && len(partitions) > 0 {
		cl.ResumeFetchPartitions(byTopic(partitions))
	}
}

func (c *sinkContext) Tolerant() bool { return c.s.tolerance.All }

func (c *sinkContext) Seek(offsets connect.Offsets) {
	c.s.mu.Lock()
	maps.Copy(c.s.sought, offsets)
	c.s.mu.Unlock()
	c.s.wake()
}

func (c *sinkContext) RequestCommit() {
	c.s.mu.Lock()
	c.s.wantCommit = true
	c.s.mu.Unlock()
	c.s.wake()
}

func (c *sinkContext) Report(r *connect.SinkRecord, reason error, done func(error)) error {
	if done == nil {
		done = func(error) {}
	}
	c.s.mu.Lock()
	p := c.s.owned[r.TopicPartition()]
	c.s.mu.Unlock()
	err := c.s.reject(r, p, reason, done)
	if err != nil {
		c.s.fail(err)
		return err
	}
	c.s.counts.written.Add(-1) // it was put, so it counts or will count as written
	return nil
}

func (c *sinkContext) Logger() *slog.Logger { return c.s.logger }

// Owned sends a heartbeat with this member's generation. The coordinator
// refuses it once the member was expelled or a later generation began without
// it, so true means: when the answer was given, nobody else could own p.
//
// The heartbeat also renews the session, so nobody else can get p for
// session.timeout.ms after it was sent, except through a rebalance that this
// member takes part in, and then Close comes first. A rebalance that is under
// way (REBALANCE_IN_PROGRESS) leaves the old generation its partitions until
// its members rejoin, so that is true as well, but without the guarantee for
// the time to come.
func (c *sinkContext) Owned(ctx context.Context, p connect.TopicPartition) (bool, error) {
	for range 3 {
		member, generation, owned := c.membership(p)
		if !owned {
			return false, nil
		}
		err := c.heartbeat(ctx, member, generation)
		if now, g, _ := c.membership(p); err != nil && (now != member || g != generation) {
			continue // the client rejoined meanwhile
		}
		switch {
		case err == nil, errors.Is(err, kerr.RebalanceInProgress):
			_, _, owned = c.membership(p)
			return owned, nil
		case errors.Is(err, kerr.IllegalGeneration), errors.Is(err, kerr.UnknownMemberID), errors.Is(err, kerr.FencedInstanceID):
			return false, nil
		}
		return false, fmt.Errorf("ask the coordinator who owns %s partition %d: %w", p.Topic, p.Partition, err)
	}
	return false, nil
}

func (c *sinkContext) membership(p connect.TopicPartition) (member string, generation int32, owned bool) {
	c.s.mu.Lock()
	owned = c.s.owned[p] != nil
	c.s.mu.Unlock()
	if !owned {
		return "", -1, false
	}
	member, generation = c.client().GroupMetadata()
	return member, generation, generation >= 0
}

func (c *sinkContext) heartbeat(ctx context.Context, member string, generation int32) error {
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = c.s.group, member, generation
	if c.s.instance != "" {
		req.InstanceID = kmsg.StringPtr(c.s.instance)
	}
	resp, err := req.RequestWith(ctx, c.s.cl)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// applySeeks moves the positions that the task sought while records flow. A
// partition that does not flow yet begins where it was sought to.
func (s *sinkRun) applySeeks() {
	offsets := map[string]map[int32]kgo.EpochOffset{}
	for tp, at := range s.takeSeeks() {
		p := s.parts[tp]
		p.fetched, p.next, p.lastPut = at, at, min(p.lastPut, at-1)
		if offsets[tp.Topic] == nil {
			offsets[tp.Topic] = map[int32]kgo.EpochOffset{}
		}
		offsets[tp.Topic][tp.Partition] = kgo.EpochOffset{Epoch: -1, Offset: at}
	}
	if len(offsets) > 0 {
		s.cl.SetOffsets(offsets)
	}
}

// takeSeeks returns what was sought in partitions that flow.
func (s *sinkRun) takeSeeks() connect.Offsets {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := connect.Offsets{}
	for tp, at := range s.sought {
		switch p := s.owned[tp]; {
		case p == nil:
			delete(s.sought, tp)
		case p.begun:
			taken[tp] = at
			delete(s.sought, tp)
		}
	}
	return taken
}
