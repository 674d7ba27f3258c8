package app_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
)

// A partitioner gets the number of partitions that the topic has, which is not that of the
// topic that is read.
func TestPartitionersKnowHowManyPartitionsThereAre(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(4, "in"), kfake.SeedTopics(3, "out")).ListenAddrs()
	_, stop := start(t, build(t, func(in *words) {
		streams.To(in, "out", streams.String(), streams.String(),
			streams.WithPartitioner(func(topic, _, _ string, partitions int) int32 {
				if topic != "out" {
					return 0
				}
				return int32(partitions - 1)
			}))
	}), brokers, t.TempDir(), nil)
	for p := range int32(4) {
		kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Partition: p, Value: []byte("v")})
	}
	for _, r := range kafkatest.Consume(t, brokers, "out", 4) {
		if r.Partition != 2 {
			t.Errorf("a record is in partition %d, want the last one", r.Partition)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
