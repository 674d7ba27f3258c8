package sinktask

import (
	"context"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker/internal/stalls"
	"github.com/twmb/franz-go/pkg/kadm"
)

// endsInterval is how often the brokers are asked at most where the partitions end.
const endsInterval = 10 * time.Second

// watchEnds asks where the partitions end, so that the lag grows while nothing is
// fetched because the outside system is away, and notices when the task is stalled. It
// returns what ends it.
func (l *Life) watchEnds(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(min(l.o.FlushInterval, endsInterval))
		defer tick.Stop()
		defer l.o.Counts.Stalled.Store(0)
		var watch stalls.Watch
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				l.ledger.ended(l.ends(ctx))
				watch.Look(time.Now(), l.o.Counts, l.o.Gate, l.o.Plan.Restarts.Stall)
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// ends returns the ends of the task's partitions. What cannot be learnt now is left
// out: whether brokers can be reached is told elsewhere.
func (l *Life) ends(ctx context.Context) connect.Offsets {
	out := connect.Offsets{}
	var topics []string
	for _, tp := range l.ledger.all() {
		topics = append(topics, tp.Topic)
	}
	if len(topics) == 0 {
		return out
	}
	listed, err := kadm.NewClient(l.consumer.current()).ListEndOffsets(ctx, topics...)
	if err != nil {
		return out
	}
	listed.Each(func(o kadm.ListedOffset) {
		if o.Err == nil {
			out[connect.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = o.Offset
		}
	})
	return out
}
