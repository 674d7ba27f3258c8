package syncs_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/suiro/suiro/connectors/mirror/internal/formats"
	"github.com/suiro/suiro/connectors/mirror/internal/syncs"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// written are the syncs that a writer has written, upstream:downstream.
func written(t *testing.T, lagMax int64, do func(*syncs.Writer, *syncs.Partition, func())) (out []string) {
	t.Helper()
	c := kafkatest.Start(t, kfake.SeedTopics(1, "syncs"))
	cl := kafkatest.Client(t, c.ListenAddrs(), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	flush := func() {
		if err := cl.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	do(syncs.New(cl, "syncs", lagMax, slog.New(slog.DiscardHandler)), syncs.NewPartition("orders", 3), flush)
	flush()
	kafkatest.Produce(t, c.ListenAddrs(), &kgo.Record{Topic: "syncs", Value: []byte("end")})
	for {
		for _, r := range kafkatest.Consume(t, c.ListenAddrs(), "syncs", len(out)+1)[len(out):] {
			if string(r.Value) == "end" {
				return out
			}
			s, err := formats.ParseOffsetSync(r.Key, r.Value)
			if err != nil || s.Topic != "orders" || s.Partition != 3 {
				t.Fatalf("sync %+v, %v", s, err)
			}
			out = append(out, fmt.Sprintf("%d:%d", s.Upstream, s.Downstream))
		}
	}
}

func TestSyncsAreWrittenWhenOffsetsMove(t *testing.T) {
	for _, c := range []struct {
		name    string
		lagMax  int64
		offsets [][2]int64 // upstream and downstream
		want    []string
	}{
		{"the first record", 100, [][2]int64{{5, 0}, {6, 1}}, []string{"5:0"}},
		{"every lag", 3, [][2]int64{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 6}, {7, 7}, {8, 8}},
			[]string{"0:0", "4:4", "8:8"}},
		{"each record", 0, [][2]int64{{0, 0}, {1, 1}, {2, 2}}, []string{"0:0", "1:1", "2:2"}},
		{"a gap upstream", 100, [][2]int64{{0, 0}, {1, 1}, {3, 2}, {4, 3}}, []string{"0:0", "3:2"}},
		{"a topic made anew upstream", 100, [][2]int64{{8, 8}, {9, 9}, {0, 10}}, []string{"8:8", "0:10"}},
		{"a topic made anew downstream", 100, [][2]int64{{8, 8}, {9, 9}, {10, 0}}, []string{"8:8", "10:0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := written(t, c.lagMax, func(w *syncs.Writer, p *syncs.Partition, flush func()) {
				for _, o := range c.offsets {
					w.Written(p, o[0], o[1])
					flush()
				}
			})
			if !slices.Equal(got, c.want) {
				t.Errorf("syncs %v, want %v", got, c.want)
			}
		})
	}
}

// A sync that has to wait for those of other partitions is that of the first record all the same.
func TestTheFirstRecordHasASync(t *testing.T) {
	got := written(t, 1000, func(w *syncs.Writer, p *syncs.Partition, _ func()) {
		for range 20 {
			w.Written(syncs.NewPartition("orders", 3), 5000, 5000)
		}
		for i := range int64(100) {
			w.Written(p, i, 10+i)
		}
	})
	if !slices.Contains(got, "0:10") {
		t.Errorf("syncs %v, want 0:10 among them", got)
	}
}

// What is behind the last sync is written when offsets are kept, once.
func TestCatchWritesTheLastOffsets(t *testing.T) {
	got := written(t, 100, func(w *syncs.Writer, p *syncs.Partition, _ func()) {
		for i := range int64(10) {
			w.Written(p, i, i)
		}
		w.Catch()
		w.Catch()
		w.Written(p, 10, 10)
	})
	if want := []string{"0:0", "9:9"}; !slices.Equal(got, want) {
		t.Errorf("syncs %v, want %v", got, want)
	}
}
