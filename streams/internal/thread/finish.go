package thread

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/member"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// finish ends the open epoch: with a commit when everything was processed and
// acknowledged, and with an abort otherwise. An abort because of the group or the
// broker is not an error: the records are processed again.
func (th *Thread) finish() error {
	// The transaction is also ended when the app stops: to cancel its end would
	// leave the outcome unknown.
	ctx, end := th.life, time.Now()
	if err := th.complete(ctx); err != nil {
		return th.abort(ctx, err)
	}
	stays, all := th.stays()
	if !all {
		return th.abort(ctx, fmt.Errorf("%w: partitions of a task were taken away", topology.ErrRepeat))
	}
	th.brakes.releaseAll()
	at, back := th.next()
	if th.o.ExactlyOnce && len(at)+len(back)+len(th.client.UncommittedOffsets()) == 0 {
		at = stays
	}
	committed, err := th.commit(ctx, at, back)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if !committed {
		why := "the coordinator refused the offsets, as it does when a rebalance has begun or when it has moved"
		if th.revoked.Load() {
			why = "partitions were taken away meanwhile"
		}
		th.o.Logger.Info("an epoch is aborted, its records will be processed again", "thread", th.o.Name, "why", why)
		th.o.Metrics.Aborted()
		th.forget()
		return nil
	}
	th.useful, th.unfinished, th.markers, th.left = true, false, false, th.heads()
	for _, b := range th.refused {
		if back[b.Topic][b.Partition].Offset == b.Next { // and not before it, to meet it again
			th.stops.Skipped()
		}
	}
	th.o.Metrics.Committed(th.records, time.Since(th.began), time.Since(end))
	for id, t := range th.touched {
		th.eachPartition(id, th.o.Lags.Commit)
		if err := t.Committed(); err != nil {
			return err
		}
	}
	th.measure()
	return nil
}

// measure sets the lags of queues to what was read again.
func (th *Thread) measure() {
	th.mu.Lock()
	defer th.mu.Unlock()
	for _, q := range th.queues {
		q.Ends(func(topic string, partition int32, next kgo.EpochOffset, end int64) {
			th.o.Lags.Read(topic, partition, next.Offset, end)
		})
	}
}

func (th *Thread) eachPartition(id topology.TaskID, do func(topic string, partition int32)) {
	for topic, partitions := range th.share.of(id) {
		for _, p := range partitions {
			do(topic, p)
		}
	}
}

// commit commits the epoch. The session waits for a heartbeat while it does. When
// the group has removed the member, as after a long pause of the process, there are
// no heartbeats before the loss is announced, and the announcement waits for the
// epoch to end. That would never end, so this member is given up.
func (th *Thread) commit(ctx context.Context, at, back member.Offsets) (committed bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(2 * th.o.HeartbeatInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if th.blocked.Load() {
				cancel(member.ErrLeftBehind)
				return
			}
		}
	})
	committed, err = th.member.End(ctx, true, at, back)
	switch cause := context.Cause(ctx); {
	case err == nil || cause == nil:
	case errors.Is(err, context.Canceled): // which says less
		err = cause
	default:
		err = fmt.Errorf("%w: %v", cause, err)
	}
	cancel(nil)
	watch.Wait()
	return committed, err
}

// next returns where to go on in partitions where that is not behind what was polled. back
// is where the client is set back to: the records that the epoch has no room for, or
// behind a batch that is given up. The next polls bring fewer records when there was no
// room. at are the first records that wait in queues.
func (th *Thread) next() (at, back member.Offsets) {
	at, back = member.Offsets{}, member.Offsets{}
	for _, b := range th.refused {
		back.Set(b.Topic, b.Partition, kgo.EpochOffset{Epoch: b.Epoch, Offset: b.Next})
	}
	full := false
	for _, t := range th.touched {
		rest, left := t.Rest()
		th.records -= left
		for _, r := range rest {
			full = true
			back.Set(r.Topic, r.Partition, kgo.EpochOffset{Epoch: r.LeaderEpoch, Offset: r.Offset})
			th.o.Lags.Back(r.Topic, r.Partition, r.Offset)
		}
	}
	if full {
		th.budget.fit(th.records)
	}
	th.queued(at, back)
	return at, back
}

// stays returns the offsets that are committed already in the partitions of the tasks, for an epoch
// that has read nothing: what it has written comes from punctuations. A transaction without offsets
// is not the group's business, and a member that the group has removed meanwhile, as after a long
// pause, could commit it although the tasks are those of others by now.
//
// all is false when the client does not have all of these partitions, so that a task is left that
// nobody has told the thread to stop. Nothing of it may be committed: a group looks at the member,
// not at whose partitions its offsets and changelogs are.
func (th *Thread) stays() (at member.Offsets, all bool) {
	at, all = member.Offsets{}, true
	committed := th.client.CommittedOffsets()
	for id := range th.touched {
		th.eachPartition(id, func(topic string, partition int32) {
			o, ok := committed[topic][partition]
			if all = all && ok; ok {
				at.Set(topic, partition, o)
			}
		})
	}
	return at, all
}

// queued adds where the queues go on. That is also said of partitions which nothing waits
// of any more since the last commit, as the client takes what it has read of them for
// committed, and would say nothing.
func (th *Thread) queued(at, back member.Offsets) {
	th.mu.Lock()
	defer th.mu.Unlock()
	for _, q := range th.queues {
		q.Ends(func(topic string, partition int32, next kgo.EpochOffset, _ int64) {
			_, left := th.left[topic][partition]
			if _, set := back[topic][partition]; left && !set {
				at.Set(topic, partition, next)
			}
		})
		q.Left(func(first *kgo.Record) {
			o := kgo.EpochOffset{Epoch: first.LeaderEpoch, Offset: first.Offset}
			was, set := back[first.Topic][first.Partition]
			switch {
			case !set:
				at.Set(first.Topic, first.Partition, o)
				th.o.Lags.Back(first.Topic, first.Partition, first.Offset)
			case was.Offset > first.Offset: // a batch that is met again
				back.Set(first.Topic, first.Partition, o)
				th.o.Lags.Back(first.Topic, first.Partition, first.Offset)
			}
		})
		for topic, partitions := range back {
			for p, o := range partitions {
				q.Drop(topic, p, o)
			}
		}
	}
}

// heads returns where to go on in partitions of which records wait in queues.
func (th *Thread) heads() member.Offsets {
	th.mu.Lock()
	defer th.mu.Unlock()
	at := member.Offsets{}
	for _, q := range th.queues {
		q.Left(func(first *kgo.Record) {
			at.Set(first.Topic, first.Partition, kgo.EpochOffset{Epoch: first.LeaderEpoch, Offset: first.Offset})
		})
	}
	return at
}

// waits reports whether records of a partition wait in a queue.
func (th *Thread) waits(topic string, partition int32) bool {
	th.mu.Lock()
	defer th.mu.Unlock()
	q := th.queues[th.task(topic, partition)]
	return q != nil && q.Bytes(topic, partition) > 0
}

// giveUpBatches rejects the batches that take too much memory, one after all records before it.
// A batch behind records that the epoch has no room for is met again.
func (th *Thread) giveUpBatches() error {
	for _, b := range th.refused {
		t := th.touched[th.task(b.Topic, b.Partition)]
		if rest, _ := t.Rest(); len(rest) > 0 || th.waits(b.Topic, b.Partition) {
			continue
		}
		if err := t.RejectBatch(b); err != nil {
			return err
		}
		th.o.Lags.Read(b.Topic, b.Partition, b.Next, b.Next)
	}
	return nil
}

// complete waits for the tasks, writes their changelogs and waits until all of
// it is acknowledged.
func (th *Thread) complete(ctx context.Context) error {
	over := time.Now()
	for _, t := range th.touched {
		if err := t.Wait(); err != nil {
			return err
		}
	}
	if err := th.o.Check(); err != nil {
		return err
	}
	th.budget.adapt(time.Since(over), th.o.CommitInterval)
	if err := th.giveUpBatches(); err != nil {
		return err
	}
	for _, t := range th.touched {
		if err := t.WriteChangelog(); err != nil {
			return err
		}
	}
	if err := th.client.Flush(ctx); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	for _, t := range th.touched {
		if err := t.Err(); err != nil {
			return err
		}
	}
	return nil
}

// retryPause is how long a thread waits when a handler wants its records to be tried again.
const retryPause = 100 * time.Millisecond

// abort drops the epoch and returns the reason. The next epoch gets fewer records,
// as this one may have been too long for its transaction.
func (th *Thread) abort(ctx context.Context, why error) error {
	th.budget.halve()
	for _, t := range th.touched {
		t.Settle()
	}
	th.brakes.releaseAll()
	th.o.Metrics.Aborted()
	if _, err := th.member.End(ctx, false, nil, nil); err != nil {
		return fmt.Errorf("%w (and abort: %v)", why, err)
	}
	if errors.Is(why, kerr.OperationNotAttempted) {
		why = th.refusal(why)
	}
	th.forget()
	var refusal *limits.Refusal
	switch {
	case errors.Is(why, topology.ErrRepeat):
		th.o.Logger.Info("an epoch is aborted, its records will be processed again", "thread", th.o.Name, "why", why)
		if errors.Is(why, task.ErrRetry) {
			_ = backoff.Sleep(ctx, retryPause) // cut short when the thread is given up
		}
		return nil
	case errors.As(why, &refusal) && th.o.Limits.Learn(ctx, kadm.NewClient(th.client), refusal, th.began):
		th.useful = true
		return fmt.Errorf("%w: %w", member.ErrLearned, why)
	}
	return why
}

// refusal returns the refusal of a record that a task has met, because of which a broker
// did not attempt to take others, or why when there is none.
func (th *Thread) refusal(why error) error {
	for _, t := range th.touched {
		var refusal *limits.Refusal
		if err := t.Err(); errors.As(err, &refusal) {
			return err
		}
	}
	return why
}

func (th *Thread) forget() {
	th.unfinished = false
	for id, t := range th.touched {
		th.eachPartition(id, th.o.Lags.Abort)
		t.Aborted()
	}
	th.rewind()
}
