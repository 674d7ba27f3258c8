package kafka_test

import (
	"testing"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The partitions of the keys among ten are those that Java's
// Utils.toPositive(Utils.murmur2(key)) % 10 gives.
func TestPartitionerPutsRecordsWhereJavaDoes(t *testing.T) {
	p := kafka.Partitioner().ForTopic("t")
	for key, want := range map[string]int{
		"":                         1,
		"21":                       0,
		"foobar":                   6,
		"a-little-bit-long-string": 2,
		"水路":                       8,
		"\x00\x01":                 9,
	} {
		r := &kgo.Record{Key: []byte(key), Partition: -1}
		if got := p.Partition(r, 10); got != want {
			t.Errorf("partition of key %q = %d, want %d", key, got, want)
		}
		if !p.RequiresConsistency(r) {
			t.Errorf("key %q may change its partition, want it to wait for a partition that is away", key)
		}
	}
}

func TestPartitionerKeepsThePartitionOfARecord(t *testing.T) {
	p := kafka.Partitioner().ForTopic("t")
	for _, r := range []*kgo.Record{{Partition: 7}, {Partition: 7, Key: []byte("shop")}} {
		if got, want := p.Partition(r, 10), 7; got != want || !p.RequiresConsistency(r) {
			t.Errorf("partition of a record with key %q for partition 7 = %d, want %d for certain", r.Key, got, want)
		}
	}
}

func TestPartitionerKeepsToOnePartitionForABatch(t *testing.T) {
	p := kafka.Partitioner().ForTopic("t")
	r := &kgo.Record{Partition: -1}
	first := p.Partition(r, 1000)
	for range 100 {
		if got := p.Partition(r, 1000); got != first {
			t.Fatalf("partition of a record without key = %d, want %d as before", got, first)
		}
	}
	if p.RequiresConsistency(r) {
		t.Error("a record without key must wait for its partition, want it to go to another")
	}
	p.(kgo.TopicPartitionerOnNewBatch).OnNewBatch()
	if got := p.Partition(r, 1000); got == first {
		t.Errorf("partition after a new batch = %d, want another", got)
	}
}
