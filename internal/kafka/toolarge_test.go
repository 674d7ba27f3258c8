package kafka_test

import (
	"context"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// reader returns a consumer in a process with so little memory that a batch may take 4
// MiB.
func reader(t *testing.T, brokers []string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	v, err := kafka.Consumer.Def().Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	configured, err := kafka.Consumer.Options(v, memory.Limit(memory.Least))
	if err != nil {
		t.Fatal(err)
	}
	opts = append([]kgo.Opt{kgo.ConsumeTopics("in"), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart())}, opts...)
	return kafkatest.Client(t, brokers, append(configured, append(opts, kgo.SeedBrokers(brokers...))...)...)
}

func TestTooLargeBatchIsReportedAndSkipped(t *testing.T) {
	for name, opts := range map[string][]kgo.Opt{"alone": nil, "in a group": {kgo.ConsumerGroup("g")}} {
		t.Run(name, func(t *testing.T) {
			brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in")).ListenAddrs()
			kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("before")})
			kafkatest.Bomb{Codec: kgo.CodecZstd, Records: 10, Value: 1 << 20}.Produce(t, brokers, "in", 0)
			kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("after")})
			cl := reader(t, brokers, opts...)
			values, refused := readPast(t, cl, 2)
			if got, want := strings.Join(values, " "), "before after"; got != want {
				t.Errorf("the other records are %q, want %q", got, want)
			}
			if len(refused) != 1 || refused[0].First != 1 || refused[0].Next != 11 || refused[0].Records() != 10 {
				t.Fatalf("refused batches are %+v, want one of the offsets 1 to 10", refused)
			}
			for _, want := range []string{"in-0@1", "offsets 1 to 10", "raise memory.max.bytes"} {
				if got := refused[0].Error(); !strings.Contains(got, want) {
					t.Errorf("Error = %q, want it to hold %q", got, want)
				}
			}
		})
	}
}

// readPast reads n records and skips batches that are too large.
func readPast(t *testing.T, cl *kgo.Client, n int) (values []string, refused []kafka.Batch) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), kafkatest.Patience)
	defer cancel()
	for len(values) < n {
		fetches := cl.PollFetches(ctx)
		fetches.EachError(func(topic string, partition int32, err error) {
			batch, ok := kafka.TooLarge(err)
			if !ok {
				t.Fatalf("read %s-%d: %v", topic, partition, err)
			}
			refused = append(refused, batch)
			batch.Skip(cl)
		})
		fetches.EachRecord(func(r *kgo.Record) { values = append(values, string(r.Value)) })
	}
	return values, refused
}

func TestOtherErrorsAreNotTooLarge(t *testing.T) {
	for _, err := range []error{nil, context.Canceled, kgo.ErrMaxDecompress} {
		if batch, ok := kafka.TooLarge(err); ok {
			t.Errorf("TooLarge(%v) = %+v, want false", err, batch)
		}
	}
}
