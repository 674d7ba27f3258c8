package kafkatest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestWhatIsProducedIsConsumed(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(3, "t"))
	kafkatest.Produce(t, c.ListenAddrs(),
		&kgo.Record{Topic: "t", Value: []byte("a"), Partition: 2}, &kgo.Record{Topic: "t", Value: []byte("b"), Partition: 2})
	records := kafkatest.Consume(t, c.ListenAddrs(), "t", 2)
	if got, want := kafkatest.Values(records), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("values = %q, want %q", got, want)
	}
	for _, r := range records {
		if got, want := r.Partition, int32(2); got != want {
			t.Errorf("partition of %s = %d, want %d, that of the record", r.Value, got, want)
		}
	}
}

// The partitions are those that Java's murmur2 gives the keys k0 to k6 among
// three.
func TestKeysChooseThePartition(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(3, "t"))
	for i := range 7 {
		kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "t", Key: fmt.Appendf(nil, "k%d", i), Partition: 1})
	}
	got := make([]int32, 7)
	for _, r := range kafkatest.Consume(t, c.ListenAddrs(), "t", 7) {
		got[r.Key[1]-'0'] = r.Partition
	}
	if want := []int32{2, 2, 0, 1, 1, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("partitions = %v, want %v", got, want)
	}
}

func TestEventuallyReturnsOnceTheConditionHolds(t *testing.T) {
	calls := 0
	kafkatest.Eventually(t, "the third call", func() bool { calls++; return calls == 3 })
	if calls != 3 {
		t.Errorf("the condition was asked %d times, want 3", calls)
	}
}
