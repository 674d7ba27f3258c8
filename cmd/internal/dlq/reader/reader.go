package reader

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/dlq/cluster"
	"github.com/suiro/suiro/internal/kafka"
)

// patience is how long a read waits for the next records of a span.
const patience = time.Minute

// Reader is what takes records.
type Reader struct {
	// Record is called with each record. Reading ends when it returns false or an error.
	Record func(*kgo.Record) (more bool, err error)
	// Refused is called with each batch that is too large to be read. Reading goes on behind it.
	Refused func(kafka.Batch)
}

// Read reads the spans, one after the other and in the order of their offsets. The client
// must have been made for this, see [cluster.Cluster.Client], and not be read with meanwhile.
func (rd Reader) Read(ctx context.Context, cl *kgo.Client, topic string, spans []Span) error {
	for _, s := range spans {
		if s.Len() == 0 {
			continue
		}
		more, err := rd.one(ctx, cl, topic, s)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func (rd Reader) one(ctx context.Context, cl *kgo.Client, topic string, s Span) (more bool, err error) {
	cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: {s.Partition: kgo.NewOffset().At(s.From)}})
	defer cl.RemoveConsumePartitions(map[string][]int32{topic: {s.Partition}})
	for next := s.From; next < s.To; {
		fetches, err := poll(ctx, cl, topic, s.Partition, next)
		if err != nil {
			return false, err
		}
		for _, r := range fetches.Records() {
			next = r.Offset + 1
			if r.Offset >= s.To {
				break
			}
			if r.Attrs.IsControl() || r.Offset < s.From {
				continue // only how far the partition has been read
			}
			if more, err := rd.Record(r); err != nil || !more {
				return false, err
			}
		}
		if batch, ok := tooLarge(fetches); ok && next < s.To {
			rd.Refused(batch)
			batch.Skip(cl)
			next = batch.Next
		}
	}
	return true, nil
}

// poll returns the next records, or a batch of them that is refused.
func poll(ctx context.Context, cl *kgo.Client, topic string, partition int32, next int64) (kgo.Fetches, error) {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	fetches := cl.PollFetches(wait)
	if _, ok := tooLarge(fetches); ok {
		return fetches, nil
	}
	if failed := fetches.Errors(); len(failed) > 0 {
		err := failed[0].Err
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no record in %v: are the brokers that lead the partition there?", patience)
		}
		return nil, fmt.Errorf("read %s-%d from offset %d: %w", topic, partition, next, cluster.Explain(err))
	}
	return fetches, nil
}

func tooLarge(fetches kgo.Fetches) (batch kafka.Batch, found bool) {
	for _, e := range fetches.Errors() {
		if batch, found = kafka.TooLarge(e.Err); found {
			return batch, true
		}
	}
	return kafka.Batch{}, false
}
