package parts

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kgo"
)

// fetched returns records of random sizes in some partitions, one of which has failed.
func fetched(random *rand.Rand) (all kgo.Fetches, offsets []int64) {
	failed := random.IntN(3)
	for p := range 3 {
		f := kgo.FetchPartition{Partition: int32(p), HighWatermark: 1000}
		for range random.IntN(20) {
			r := &kgo.Record{Offset: int64(len(offsets)), Value: make([]byte, random.IntN(3)*random.IntN(5000))}
			f.Records, offsets = append(f.Records, r), append(offsets, r.Offset)
		}
		if p == failed {
			f.Err = errors.New("damaged")
		}
		all = append(all, kgo.Fetch{Topics: []kgo.FetchTopic{{Topic: "t", Partitions: []kgo.FetchPartition{f}}}})
	}
	return all, offsets
}

func TestPartsHoldEverythingOnceAndFit(t *testing.T) {
	const room = 4 << 20
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		all, want := fetched(random)
		var got []int64
		var failures int
		p := of(all, room)
		for more := true; more; {
			var part kgo.Fetches
			var taken, n int64
			part, more = p.Next()
			part.EachRecord(func(r *kgo.Record) {
				got, n = append(got, r.Offset), n+1
				taken += min(memory.Decoded(len(r.Value)), room)
			})
			if taken > room && n > 1 {
				t.Fatalf("seed %d: a part of %d records may take %d bytes, want at most %d", seed, n, taken, room)
			}
			part.EachPartition(func(f kgo.FetchTopicPartition) {
				if f.Err == nil {
					return
				}
				failures++
				if records := all[f.Partition].Topics[0].Partitions[0].Records; len(records) > 0 && got[len(got)-1] < records[len(records)-1].Offset {
					t.Fatalf("seed %d: the error of partition %d comes before its last record", seed, f.Partition)
				}
			})
		}
		if !slices.Equal(got, want) || failures != 1 {
			t.Fatalf("seed %d: the parts hold %v and %d errors, want %v and 1", seed, got, failures, want)
		}
	}
}

func TestWhatFitsIsOnePart(t *testing.T) {
	for _, all := range []kgo.Fetches{nil, {{Topics: []kgo.FetchTopic{{Topic: "t", Partitions: []kgo.FetchPartition{
		{Records: []*kgo.Record{{Value: []byte("a")}, {Value: []byte("b")}}}}}}}}} {
		if part, more := of(all, 4<<20).Next(); more || part.NumRecords() != all.NumRecords() {
			t.Errorf("the first part has %d records and more = %t, want %d and no more", part.NumRecords(), more, all.NumRecords())
		}
	}
}
