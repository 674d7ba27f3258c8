package kafka_test

import (
	"context"
	"testing"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/batches"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A client drops the report about one partition that nobody has polled yet when it is
// told to go on behind a batch of another, and keeps the partition stopped.
func TestStoppedPartitionsThatAreNotReportedGoOn(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(2, "in")).ListenAddrs()
	bomb := kafkatest.Bomb{Codec: kgo.CodecZstd, Records: 10, Value: 1 << 20}
	for p := range int32(2) {
		produceTo(t, brokers, p, "before")
	}
	cl := reader(t, brokers, kgo.ConsumerGroup("g"))
	stops := kafka.NewStops(cl)
	limiter := cl.OptValue(kgo.WithDecompressor).(*batches.Limiter)
	ctx, cancel := context.WithTimeout(t.Context(), kafkatest.Patience)
	defer cancel()
	stops.Skipped() // the report of a batch that was settled counts for no other
	next := map[int32]int64{}
	// poll notes records, and returns a batch that is refused.
	poll := func() (refused *kafka.Batch) {
		fetches := cl.PollFetches(ctx)
		fetches.EachRecord(func(r *kgo.Record) { next[r.Partition] = r.Offset + 1 })
		fetches.EachError(func(_ string, _ int32, err error) {
			b, ok := kafka.TooLarge(err)
			if !ok {
				t.Fatal(err)
			}
			refused = &b
		})
		return refused
	}
	for len(next) < 2 {
		poll()
	}
	bomb.Produce(t, brokers, "in", 1)
	var first *kafka.Batch
	for first == nil {
		first = poll()
	}
	bomb.Produce(t, brokers, "in", 0)
	kafkatest.Eventually(t, "the batch of partition 0 is fetched", func() bool { return limiter.Refused() == 2 })
	first.Skip(cl)
	stops.Skipped()
	next[1] = first.Next
	kafkatest.Eventually(t, "the batch is noticed", stops.Forgotten)
	stops.Resume(map[string]map[int32]kgo.EpochOffset{"in": {0: {Epoch: -1, Offset: next[0]}, 1: {Epoch: -1, Offset: next[1]}}})
	second := poll()
	for second == nil {
		second = poll()
	}
	if second.Partition != 0 || second.First != next[0] {
		t.Errorf("reported %+v, want the batch of partition 0 at %d", *second, next[0])
	}
	second.Skip(cl)
	stops.Skipped()
	for p := range int32(2) {
		produceTo(t, brokers, p, "after")
	}
	for next[0] <= second.Next || next[1] <= first.Next {
		poll()
	}
	if stops.Forgotten() {
		t.Error("a batch is forgotten, want none")
	}
}

func produceTo(t *testing.T, brokers []string, partition int32, value string) {
	t.Helper()
	cl := kafkatest.Client(t, brokers, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer cl.Close()
	r := &kgo.Record{Topic: "in", Partition: partition, Value: []byte(value)}
	if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
}
