package trial

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kill/access"
)

// Feed writes an access log to a topic.
type Feed struct {
	// Topic is the topic to write.
	Topic string
	// Log is what to write.
	Log access.Log
	// JSON writes JSON instead of LTSV. Default: LTSV.
	JSON bool
	// Rate is how many records to write per second. Default: as fast as possible.
	Rate float64
	// Open returns how many records may be written so far. Default: all.
	Open func() int64
	fed  atomic.Int64
}

// feedStep is how often the pace is checked.
const feedStep = 20 * time.Millisecond

// Run writes the whole log, each record once.
func (f *Feed) Run(ctx context.Context, opts []kgo.Opt) error {
	cl, err := kgo.NewClient(append(slices.Clone(opts), kgo.DefaultProduceTopic(f.Topic),
		kgo.RecordPartitioner(kafka.Partitioner()), kgo.ProducerBatchCompression(kgo.Lz4Compression()),
		kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1<<16))...)
	if err != nil {
		return fmt.Errorf("feed %s: %w", f.Topic, err)
	}
	defer cl.Close()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	log := f.Log.WithDefaults()
	for id := int64(0); id < log.Records; {
		allowed := f.allowed(log.Records)
		for ; id < allowed; id++ {
			cl.Produce(ctx, f.record(log.Request(id)), func(_ *kgo.Record, err error) {
				if err != nil {
					fail(err)
				}
			})
		}
		if err := f.pause(ctx, id); err != nil {
			return err
		}
	}
	if err := cl.Flush(ctx); err != nil {
		return fmt.Errorf("feed %s: %w", f.Topic, context.Cause(ctx))
	}
	f.fed.Store(log.Records)
	return context.Cause(ctx)
}

// pause waits for the next step, or not at all without a pace.
func (f *Feed) pause(ctx context.Context, id int64) error {
	f.fed.Store(id)
	if f.Rate == 0 && f.Open == nil {
		return nil
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("feed %s: %w", f.Topic, context.Cause(ctx))
	case <-time.After(feedStep):
		return nil
	}
}

// allowed returns up to which id records may be written now.
func (f *Feed) allowed(all int64) int64 {
	if f.Rate > 0 {
		all = min(all, f.fed.Load()+max(1, int64(f.Rate*feedStep.Seconds())))
	}
	if f.Open != nil {
		all = min(all, f.Open())
	}
	return all
}

// Fed returns how many records were handed to the producer.
func (f *Feed) Fed() int64 { return f.fed.Load() }

func (f *Feed) record(q access.Request) *kgo.Record {
	if f.JSON {
		return &kgo.Record{Partition: -1, Key: q.Key(), Value: q.AppendJSON(make([]byte, 0, 256))}
	}
	return &kgo.Record{Partition: -1, Key: q.Key(), Value: q.AppendLTSV(make([]byte, 0, 512))}
}
