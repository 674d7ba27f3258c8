package thread

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/streams/internal/member"
	"github.com/suiro/suiro/streams/internal/task"
)

// portion is what a poll brought of one partition.
type portion struct {
	topic     string
	partition int32
	records   []*kgo.Record   // without transaction markers
	bytes     int64           // that they hold
	next      kgo.EpochOffset // the offset after the last of them or marker, and its leader epoch
	end       int64           // the high watermark
	stable    int64           // the offset behind the last one that may be read
	start     int64           // the first offset that retention has left
}

// portions takes the records out of a poll. Transaction markers come along with them
// so that it is known where they end, and are left out here.
func portions(fetches kgo.Fetches, committed bool) (out []portion) {
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		if len(f.Records) == 0 {
			return
		}
		last := f.Records[len(f.Records)-1]
		p := portion{topic: f.Topic, partition: f.Partition, end: f.HighWatermark, stable: f.HighWatermark,
			next:  kgo.EpochOffset{Epoch: last.LeaderEpoch, Offset: last.Offset + 1},
			start: min(f.Records[0].Offset, f.LogStartOffset)}
		if committed {
			p.stable = f.LastStableOffset
		}
		kept := 0
		for i, r := range f.Records {
			if r.Attrs.IsControl() {
				continue
			}
			p.bytes += task.Cost(r)
			if kept < i {
				f.Records[kept] = r
			}
			kept++
		}
		p.records = f.Records[:kept]
		out = append(out, p)
	})
	return out
}

// poll waits for records, for wait at most, and less when the epoch must end early.
func (th *Thread) poll(ctx context.Context, wait time.Duration) ([]portion, error) {
	th.alive()
	if !th.drain(ctx, wait) {
		return nil, nil
	}
	wait = th.soon(wait)
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	ctx, done := th.waker.wait(ctx, th.rebalances)
	defer done()
	began := time.Now()
	fetches := th.client.PollRecords(ctx, th.budget.records)
	th.o.Metrics.Polled(fetches.NumRecords(), time.Since(began))
	if err := th.fetchError(fetches); err != nil {
		return nil, err
	}
	return portions(fetches, th.o.ExactlyOnce), nil
}

// fetchError returns the error of a poll, if a person or a new thread must act on
// it: franz-go continues by itself after every other error.
func (th *Thread) fetchError(fetches kgo.Fetches) error {
	for _, e := range fetches.Errors() {
		var loss *kgo.ErrDataLoss
		var group *kgo.ErrGroupSession
		ofGroup := errors.As(e.Err, &group)
		rejoins := ofGroup && !errors.Is(e.Err, kerr.FencedInstanceID) && member.Recoverable(e.Err)
		partition := fmt.Sprintf("%s-%d", e.Topic, e.Partition)
		if batch, ok := kafka.TooLarge(e.Err); ok {
			th.meet(batch)
			continue
		}
		switch {
		case errors.Is(e.Err, context.Canceled), errors.Is(e.Err, context.DeadlineExceeded):
		case errors.As(e.Err, &loss):
			th.o.Logger.Warn("the broker has lost records", "partition", fmt.Sprintf("%s-%d", loss.Topic, loss.Partition),
				"read_to", loss.ConsumedTo, "continue_at", loss.ResetTo)
		case member.Unreachable(e.Err) && (rejoins || kgo.IsRetryableBrokerErr(e.Err)): // said once for all clients
			th.o.Logger.Debug("kafka cannot be reached", "thread", th.o.Name, "error", e.Err)
		case rejoins && errors.Is(e.Err, kerr.InconsistentGroupProtocol):
			th.o.Logger.Warn("another program is a member of the group: a Kafka Streams app with this application.id runs, or "+
				"was killed less than its session.timeout.ms ago; the thread waits until it is gone", "thread", th.o.Name,
				"group", th.o.Group, "error", e.Err)
		case rejoins:
			th.o.Logger.Warn("the thread has to join its group again", "thread", th.o.Name, "group", th.o.Group, "error", e.Err)
		case kgo.IsRetryableBrokerErr(e.Err):
			th.o.Logger.Warn("fetch again", "partition", partition, "error", e.Err)
		case ofGroup:
			return fmt.Errorf("join group %s: %w", th.o.Group, group.Err)
		default:
			return fmt.Errorf("fetch %s: %w", partition, e.Err)
		}
	}
	return nil
}

// pause waits for a while without records, when the app is paused: the thread stays a member
// of the group, and rebalances take place.
func (th *Thread) pause(ctx context.Context) (paused bool, err error) {
	if !th.o.Paused() {
		if topics := th.client.PauseFetchTopics(); len(topics) > 0 {
			th.client.ResumeFetchTopics(topics...)
		}
		return false, nil
	}
	th.client.PauseFetchTopics(th.o.Sources.Topics()...)
	th.alive()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	ctx, done := th.waker.wait(ctx, func() bool { return th.rebalances() || !th.o.Paused() })
	defer done()
	return true, th.fetchError(th.client.PollRecords(ctx, 1))
}
