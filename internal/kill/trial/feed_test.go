package trial

import (
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/internal/kill/verify"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestFeedWritesEachRecordOnceOverAllPartitions(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(4, "in"))
	f := &Feed{Topic: "in", Log: access.Log{Records: 500, Seed: 7}, JSON: true}
	if err := f.Run(t.Context(), []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}); err != nil {
		t.Fatal(err)
	}
	id, err := verify.IDOf("json", "id")
	if err != nil {
		t.Fatal(err)
	}
	seen, partitions := map[int64]int{}, map[int32]bool{}
	for _, r := range kafkatest.Consume(t, c.ListenAddrs(), "in", 500) {
		n, err := id(r.Value)
		if err != nil {
			t.Fatalf("value %s: %v", r.Value, err)
		}
		seen[n]++
		partitions[r.Partition] = true
	}
	for n := range int64(500) {
		if seen[n] != 1 {
			t.Errorf("record %d is there %d times, want once", n, seen[n])
		}
	}
	if got, want := len(partitions), 4; got != want {
		t.Errorf("the records are in %d partitions, want %d", got, want)
	}
	if got, want := f.Fed(), int64(500); got != want {
		t.Errorf("Fed = %d, want %d", got, want)
	}
}

func TestFeedWritesNoMoreThanIsOpen(t *testing.T) {
	f := &Feed{Open: func() int64 { return 10 }}
	if got, want := f.allowed(500), int64(10); got != want {
		t.Errorf("allowed = %d, want %d", got, want)
	}
	f = &Feed{Rate: 1000}
	if got, want := f.allowed(500), int64(20); got != want {
		t.Errorf("allowed at 1000 records per second = %d, want %d for the first step", got, want)
	}
}
