package place

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
)

var _ Place = (*Topic)(nil)

// Topic counts the records that a reader of committed records finds in a topic. Batches
// that are larger than any honest one are passed over.
type Topic struct {
	tallied
	cancel context.CancelFunc
	reader sync.WaitGroup

	mu  sync.Mutex // guards err
	err error
}

// largestBatch is what a batch of honest records may have after decompression.
const largestBatch = 8 << 20

// NewTopic begins to read a topic. Close ends that.
func NewTopic(kafka []string, topic string, l *honest.Lane) (*Topic, error) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(kafka...), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.MaxDecompressBatchBytes(largestBatch), kgo.FetchMaxBytes(8<<20), kgo.FetchMaxPartitionBytes(2<<20))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", topic, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t := &Topic{tallied: tallied{"topic " + topic, honest.NewTally(l)}, cancel: cancel}
	t.reader.Go(func() {
		defer cl.Close()
		t.read(ctx, cl)
	})
	return t, nil
}

func (t *Topic) read(ctx context.Context, cl *kgo.Client) {
	for ctx.Err() == nil {
		fetches := cl.PollFetches(ctx)
		fetches.EachError(func(topic string, p int32, err error) {
			if large, ok := errors.AsType[*kgo.ErrDecompressTooLarge](err); ok {
				cl.SetOffsets(map[string]map[int32]kgo.EpochOffset{topic: {p: {Epoch: large.Epoch, Offset: large.NextOffset}}})
				return
			}
			t.mu.Lock()
			defer t.mu.Unlock()
			t.err = fmt.Errorf("read %s-%d: %w", topic, p, err)
		})
		fetches.EachRecord(func(r *kgo.Record) { t.Scan(r.Value) })
	}
}

// Look implements [Place]: records are counted as they come.
func (t *Topic) Look(context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.err
	t.err = nil
	return err
}

// Close ends the reading.
func (t *Topic) Close() {
	t.cancel()
	t.reader.Wait()
}
