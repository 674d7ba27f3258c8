package worker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// join makes the consumer. Partitions may come at once.
func (s *sinkRun) join() error {
	opts, err := s.conn.Subscription.Consumer.Options()
	if err != nil {
		return err
	}
	opts = append(opts, s.groupOpts...)
	opts = append(opts, s.clientID(), s.kgoLogger(),
		kgo.Balancers(kgo.CooperativeStickyBalancer()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.KeepControlRecords(),
		kgo.OnPartitionsAssigned(s.assigned), kgo.OnPartitionsRevoked(s.revoked), kgo.OnPartitionsLost(s.lost),
		kgo.AdjustFetchOffsetsFn(s.adjust))
	if pattern := s.conn.Subscription.Pattern; pattern != nil {
		opts = append(opts, kgo.ConsumeRegex(), kgo.ConsumeTopics(pattern.String()))
	} else {
		opts = append(opts, kgo.ConsumeTopics(s.conn.Subscription.Topics...))
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return fmt.Errorf("configure the consumer: %w", err)
	}
	s.mu.Lock()
	s.cl = cl
	s.mu.Unlock()
	close(s.ready)
	return nil
}

// assigned opens partitions before their first record.
func (s *sinkRun) assigned(ctx context.Context, _ *kgo.Client, gained map[string][]int32) {
	<-s.ready
	list := flatten(gained)
	if len(list) == 0 || s.failure() != nil {
		return
	}
	s.mu.Lock()
	for _, tp := range list {
		p := &sinkPartition{fetched: -1, next: -1, lastPut: -1, committed: -1, held: map[int64]int{}}
		s.parts[tp], s.owned[tp] = p, p
	}
	s.mu.Unlock()
	s.counts.partitions.Store(int64(len(s.parts)))
	s.logger.Info("partitions gained", "partitions", list)
	if err := s.openParts(ctx, list); err != nil {
		s.fail(fmt.Errorf("open %v: %w", list, err))
	}
}

// openParts gives an outside system that is away a while to come back; when it
// does not, the task fails and is started again. A stop does not wait for it.
func (s *sinkRun) openParts(ctx context.Context, list []connect.TopicPartition) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	pause := backoff{first: s.retryFirst, max: 5 * time.Second}
	for {
		err := s.task.Open(ctx, list)
		if err == nil || !connect.IsRetriable(err) {
			return err
		}
		s.counts.retries.Add(1)
		if sleep(ctx, pause.next()) != nil {
			return err
		}
	}
}

// topicOffsets are where the client begins to read, by topic and partition.
type topicOffsets = map[string]map[int32]kgo.Offset

// adjust starts partitions where Open sought to, and notes where the group
// stands and how much there is to read.
func (s *sinkRun) adjust(ctx context.Context, offsets topicOffsets) (topicOffsets, error) {
	topics := slices.Collect(maps.Keys(offsets))
	admin := kadm.NewClient(s.cl)
	starts, serr := admin.ListStartOffsets(ctx, topics...)
	ends, eerr := admin.ListEndOffsets(ctx, topics...)
	if err := errors.Join(serr, eerr); err != nil {
		s.logger.Warn("lag is not known before the first fetch", "error", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for topic, list := range offsets {
		for partition, offset := range list {
			tp := connect.TopicPartition{Topic: topic, Partition: partition}
			at, seek := s.sought[tp]
			if seek {
				list[partition] = kgo.NewOffset().At(at)
				delete(s.sought, tp)
			}
			if p := s.owned[tp]; p != nil {
				p.begun = true
				p.committed = offset.EpochOffset().Offset
				p.start = startOf(tp, p.committed, starts)
				if seek {
					p.start = at
				}
				if end, ok := ends.Lookup(topic, partition); ok {
					p.end = max(p.end, end.Offset)
				}
			}
		}
	}
	return offsets, nil
}

// startOf is the group's offset, or the first of the partition.
func startOf(tp connect.TopicPartition, committed int64, starts kadm.ListedOffsets) int64 {
	if committed >= 0 {
		return committed
	}
	first, _ := starts.Lookup(tp.Topic, tp.Partition)
	return max(first.Offset, 0)
}

// revoked gives partitions back in an orderly way.
func (s *sinkRun) revoked(ctx context.Context, _ *kgo.Client, gone map[string][]int32) {
	list := s.stillOpen(flatten(gone))
	if len(list) == 0 {
		return
	}
	s.logger.Info("partitions revoked", "partitions", list)
	ctx, cancel := context.WithTimeout(ctx, s.graceful)
	defer cancel()
	if err := errors.Join(s.commit(ctx), s.closeParts(ctx, list, false)); err != nil {
		s.fail(fmt.Errorf("give up %v: %w", list, err))
	}
}

// lost tells the task that others may own the partitions already.
func (s *sinkRun) lost(ctx context.Context, _ *kgo.Client, gone map[string][]int32) {
	list := s.stillOpen(flatten(gone))
	if len(list) == 0 {
		return
	}
	s.logger.Warn("partitions lost", "partitions", list)
	if err := s.closeParts(ctx, list, true); err != nil {
		s.fail(fmt.Errorf("lose %v: %w", list, err))
	}
}

// stillOpen keeps those of the partitions that are open.
func (s *sinkRun) stillOpen(list []connect.TopicPartition) []connect.TopicPartition {
	return slices.DeleteFunc(list, func(tp connect.TopicPartition) bool { return s.parts[tp] == nil })
}

func (s *sinkRun) allParts() []connect.TopicPartition {
	return slices.Collect(maps.Keys(s.parts))
}

func (s *sinkRun) closeParts(ctx context.Context, list []connect.TopicPartition, lost bool) error {
	if len(list) == 0 {
		return nil
	}
	err := s.task.Close(ctx, list, lost)
	s.mu.Lock()
	for _, tp := range list {
		delete(s.parts, tp)
		delete(s.owned, tp)
		delete(s.sought, tp)
	}
	s.mu.Unlock()
	s.cl.ResumeFetchPartitions(byTopic(list)) // Pause does not outlive the ownership
	s.counts.partitions.Store(int64(len(s.parts)))
	s.measure()
	return err
}

// commit asks the task what is safe and commits it.
func (s *sinkRun) commit(ctx context.Context) error {
	s.mu.Lock()
	s.wantCommit = false
	s.mu.Unlock()
	current := connect.Offsets{}
	for tp, p := range s.parts {
		if p.next >= 0 {
			current[tp] = p.next
		}
	}
	if len(current) == 0 {
		return nil
	}
	safe, err := s.task.PreCommit(ctx, maps.Clone(current))
	if err != nil && (connect.IsRetriable(err) || ctx.Err() != nil) {
		s.counts.committed(err)
		s.logger.Warn("commit is put off", "error", err)
		return nil
	}
	if err != nil {
		s.counts.committed(err)
		return fmt.Errorf("prepare the commit: %w", err)
	}
	return s.commitSafe(ctx, s.clamp(current, safe))
}

// clamp makes of what the task returned what can be committed: not beyond what
// was put, not beyond a dead letter on its way, not backwards. Behind the last
// record that was put, what was passed over counts as done.
func (s *sinkRun) clamp(current, safe connect.Offsets) connect.Offsets {
	out := connect.Offsets{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for tp, end := range current {
		p := s.parts[tp]
		offset, ok := safe[tp]
		if !ok && p.lastPut >= 0 {
			continue
		}
		if offset > p.lastPut || p.lastPut < 0 {
			offset = end
		}
		for held := range p.held {
			offset = min(offset, held)
		}
		if offset > p.committed {
			out[tp] = offset
		}
	}
	return out
}

func (s *sinkRun) commitSafe(ctx context.Context, offsets connect.Offsets) error {
	if len(offsets) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.flushTimeout)
	defer cancel()
	request := map[string]map[int32]kgo.EpochOffset{}
	for tp, offset := range offsets {
		if request[tp.Topic] == nil {
			request[tp.Topic] = map[int32]kgo.EpochOffset{}
		}
		request[tp.Topic][tp.Partition] = kgo.EpochOffset{Epoch: -1, Offset: offset}
	}
	var failed error
	s.cl.CommitOffsetsSync(ctx, request,
		func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
			failed = s.committed(offsets, resp, err)
		})
	s.counts.committed(failed)
	s.measure()
	if failed == nil {
		return nil
	}
	if isDenied(failed) {
		return fmt.Errorf("commit offsets: %w", failed)
	}
	s.logger.Warn("commit is tried again at the next interval", "error", failed)
	return nil
}

// committed notes what the coordinator took and returns the first refusal.
func (s *sinkRun) committed(offsets connect.Offsets, resp *kmsg.OffsetCommitResponse, err error) error {
	if err != nil {
		return err
	}
	for _, t := range resp.Topics {
		for _, part := range t.Partitions {
			tp := connect.TopicPartition{Topic: t.Topic, Partition: part.Partition}
			if perr := kerr.ErrorForCode(part.ErrorCode); perr != nil {
				err = fmt.Errorf("%s partition %d: %w", tp.Topic, tp.Partition, perr)
				continue
			}
			if p := s.parts[tp]; p != nil {
				s.mu.Lock()
				p.committed = offsets[tp]
				s.mu.Unlock()
			}
		}
	}
	return err
}

// isDenied reports whether a commit will never succeed without an operator.
func isDenied(err error) bool {
	return errors.Is(err, kerr.GroupAuthorizationFailed) || errors.Is(err, kerr.TopicAuthorizationFailed)
}

func (s *sinkRun) commitWanted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wantCommit
}

// hold keeps an offset from being committed until release.
func (s *sinkRun) hold(p *sinkPartition, offset int64) {
	if p == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p.held[offset]++
}

func (s *sinkRun) release(p *sinkPartition, offset int64) {
	if p == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.held[offset]--; p.held[offset] == 0 {
		delete(p.held, offset)
	}
}

func flatten(m map[string][]int32) []connect.TopicPartition {
	var out []connect.TopicPartition
	for topic, list := range m {
		for _, p := range list {
			out = append(out, connect.TopicPartition{Topic: topic, Partition: p})
		}
	}
	slices.SortFunc(out, func(a, b connect.TopicPartition) int {
		if a.Topic != b.Topic {
			return strings.Compare(a.Topic, b.Topic)
		}
		return int(a.Partition - b.Partition)
	})
	return out
}

func byTopic(list []connect.TopicPartition) map[string][]int32 {
	out := map[string][]int32{}
	for _, tp := range list {
		out[tp.Topic] = append(out[tp.Topic], tp.Partition)
	}
	return out
}
