package sinktask

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/lives"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/connect/worker/internal/rebalances"
	"github.com/suiro/suiro/internal/backoff"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// openPatience is how long an outside system that is away may keep partitions
// from being opened before the task fails.
const openPatience = 20 * time.Second

// assignment opens and closes partitions as the group assigns and takes them.
// Its methods are the client's callbacks; the loop does not run meanwhile. They
// run in goroutines of the client, where a panic would end the process.
type assignment struct {
	task      connect.SinkTask
	consumer  *consumer
	committer *committer
	ledger    *ledger
	signals   *signals
	counts    *counts.Counters
	logger    *slog.Logger
	graceful  time.Duration
	group     *rebalances.Log
	stop      context.Context // done when the task is told to stop
}

// options are the client's options that make it call back.
func (a *assignment) options() []kgo.Opt {
	return []kgo.Opt{kgo.OnPartitionsAssigned(a.assigned), kgo.OnPartitionsRevoked(a.revoked),
		kgo.OnPartitionsLost(a.lost), kgo.AdjustFetchOffsetsFn(a.begin)}
}

// assigned opens partitions before their first record. The client calls it at the
// end of every rebalance.
func (a *assignment) assigned(ctx context.Context, _ *kgo.Client, added map[string][]int32) {
	<-a.consumer.joined
	a.counts.Rebalances.Add(1)
	list := flatten(added)
	if len(list) == 0 || a.signals.failure() != nil {
		return
	}
	a.ledger.add(list)
	a.consumer.added(list)
	a.group.Assigned(list)
	if err := lives.Protect(func() error { return a.open(ctx, list) }); err != nil {
		a.signals.fail(fmt.Errorf("open %v: %w", list, err))
	}
}

// open gives an outside system that is away a while to come back; when it does
// not, the task fails and is restarted. A stop does not wait for it.
func (a *assignment) open(ctx context.Context, list []connect.TopicPartition) error {
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	defer context.AfterFunc(a.stop, cancel)()
	pause := backoff.Backoff{First: pipeline.FirstRetry, Max: openPatience / 4}
	for {
		err := a.task.Open(ctx, list)
		if err == nil || !connect.IsRetriable(err) {
			return err
		}
		a.counts.Retries.Add(1)
		if backoff.Sleep(ctx, pause.Next()) != nil {
			return err
		}
	}
}

// atStart and atEnd are how the client writes the ends of a partition, where
// auto.offset.reset=earliest and latest begin.
var (
	atStart = kgo.NewOffset().AtStart().EpochOffset().Offset
	atEnd   = kgo.NewOffset().AtEnd().EpochOffset().Offset
)

// topicOffsets are where the client begins to read, by topic and partition.
type topicOffsets = map[string]map[int32]kgo.Offset

// begin starts partitions where Open sought to, and notes where the group stands
// and how much there is to read.
func (a *assignment) begin(ctx context.Context, offsets topicOffsets) (topicOffsets, error) {
	<-a.consumer.joined
	topics := slices.Collect(maps.Keys(offsets))
	admin := kadm.NewClient(a.consumer.current())
	starts, serr := admin.ListStartOffsets(ctx, topics...)
	ends, eerr := admin.ListEndOffsets(ctx, topics...)
	if err := errors.Join(serr, eerr); err != nil {
		a.logger.Debug("lag is not known before the first fetch", "error", err)
	}
	for topic, list := range offsets {
		for partition, offset := range list {
			tp := connect.TopicPartition{Topic: topic, Partition: partition}
			committed, first, end := offset.EpochOffset().Offset, int64(-1), int64(0)
			if o, ok := starts.Lookup(topic, partition); ok && o.Err == nil {
				first = o.Offset
			}
			if o, ok := ends.Lookup(topic, partition); ok && o.Err == nil {
				end = o.Offset
				if committed == atEnd {
					first = end // what lies before it was never to be read
				}
			}
			at, seek := a.ledger.begin(tp, committed, first, end)
			switch {
			case seek:
				list[partition] = kgo.NewOffset().At(at)
			case committed >= 0 && committed < first:
				missed(a.counts, a.logger, tp, committed, first)
			case committed == atStart && first >= 0, committed == atEnd && first >= 0:
				// The client moves on only from an offset that it knows: it could not leave a
				// batch that is the first of a partition and too large.
				list[partition] = kgo.NewOffset().At(first)
			}
		}
	}
	return offsets, nil
}

// revoked gives partitions back in an orderly way.
func (a *assignment) revoked(ctx context.Context, _ *kgo.Client, gone map[string][]int32) {
	list := a.stillOpen(flatten(gone))
	if len(list) == 0 {
		return
	}
	a.group.Revoked(list)
	ctx, cancel := context.WithTimeout(ctx, a.graceful)
	defer cancel()
	err := lives.Protect(func() error { return a.giveUp(ctx, list) })
	if err != nil {
		a.ledger.remove(list)
		a.signals.fail(fmt.Errorf("give up %v: %w", list, err))
	}
}

// lost tells the task that others may own the partitions already.
func (a *assignment) lost(ctx context.Context, _ *kgo.Client, gone map[string][]int32) {
	list := a.stillOpen(flatten(gone))
	if len(list) == 0 {
		return
	}
	a.group.Because("the session of a task was lost")
	a.group.Revoked(list)
	if err := lives.Protect(func() error { return a.close(ctx, list, true) }); err != nil {
		a.ledger.remove(list)
		a.signals.fail(fmt.Errorf("lose %v: %w", list, err))
	}
}

// gone tells the task that topics do not exist any more. The loop calls it.
func (a *assignment) gone(ctx context.Context, topics map[string]bool) error {
	list := slices.DeleteFunc(a.ledger.all(), func(tp connect.TopicPartition) bool { return !topics[tp.Topic] })
	if len(list) == 0 {
		return nil
	}
	a.group.Because("topics were deleted")
	a.group.Revoked(list)
	if err := a.close(ctx, list, true); err != nil {
		a.ledger.remove(list)
		return fmt.Errorf("close %v: %w", list, err)
	}
	return nil
}

// stillOpen keeps those of the partitions that are open.
func (a *assignment) stillOpen(list []connect.TopicPartition) []connect.TopicPartition {
	return slices.DeleteFunc(list, func(tp connect.TopicPartition) bool { return a.ledger.find(tp) == nil })
}

// giveUp commits what is safe and closes partitions. When the coordinator refuses
// the commit because it has expelled the member, others may own them already.
func (a *assignment) giveUp(ctx context.Context, list []connect.TopicPartition) error {
	err := a.committer.commit(ctx)
	return errors.Join(err, a.close(ctx, list, a.committer.expelled))
}

func (a *assignment) close(ctx context.Context, list []connect.TopicPartition, lost bool) error {
	if len(list) == 0 {
		return nil
	}
	err := a.task.Close(ctx, list, lost)
	a.ledger.remove(list)
	a.group.Released(list)
	a.consumer.resume(list) // Pause does not outlive the ownership
	return err
}

// missed tells that retention took records away before they were read. It is
// called once for each gap.
func missed(c *counts.Counters, logger *slog.Logger, tp connect.TopicPartition, from, to int64) {
	c.Missed.Add(to - from)
	logger.Warn("records were deleted before they were read: retention is shorter than the time that this task was "+
		"behind", "partition", tp.String(), "from", from, "to", to-1)
}

func flatten(m map[string][]int32) []connect.TopicPartition {
	var out []connect.TopicPartition
	for topic, list := range m {
		for _, p := range list {
			out = append(out, connect.TopicPartition{Topic: topic, Partition: p})
		}
	}
	slices.SortFunc(out, rebalances.Compare)
	return out
}
