package translate_test

import (
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/mirror/internal/translate"
)

var p = connect.TopicPartition{Topic: "orders", Partition: 1}

func TestOffsetsAreTranslatedByTheLastSync(t *testing.T) {
	var table translate.Table
	if _, ok := table.Downstream(p, 5); ok {
		t.Error("an offset is translated without a sync")
	}
	table.Add(p, 10, 100)
	table.Add(p, 20, 105)
	for up, want := range map[int64]int64{9: -1, 10: 100, 11: 101, 19: 101, 20: 105, 21: 106, 1000: 106} {
		got, ok := table.Downstream(p, up)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("offset %d is translated to %d, want %d", up, got, want)
		}
	}
	if _, ok := table.Downstream(connect.TopicPartition{Topic: "orders"}, 50); ok {
		t.Error("an offset is translated by the sync of another partition")
	}
}

func TestSyncsOfATopicThatIsGoneAreForgotten(t *testing.T) {
	for name, next := range map[string][2]int64{"upstream": {3, 200}, "downstream": {30, 0}} {
		var table translate.Table
		table.Add(p, 10, 100)
		table.Add(p, 20, 105)
		table.Add(p, next[0], next[1])
		if got, ok := table.Downstream(p, next[0]); !ok || got != next[1] {
			t.Errorf("made anew %s: offset %d is translated to %d, %v", name, next[0], got, ok)
		}
		if got, ok := table.Downstream(p, next[0]-1); ok {
			t.Errorf("made anew %s: offset %d is translated to %d", name, next[0]-1, got)
		}
	}
}

// After records were written again, offsets before them are translated as ever.
func TestSyncsBeforeAnAbortedTransactionAreKept(t *testing.T) {
	var table translate.Table
	for _, s := range [][2]int64{{0, 0}, {10, 10}, {20, 20}, {30, 30}, {15, 41}} { // from 11 on it was aborted
		table.Add(p, s[0], s[1])
	}
	for up, want := range map[int64]int64{5: 1, 10: 10, 14: 11, 15: 41, 16: 42, 25: 42} {
		if got, ok := table.Downstream(p, up); !ok || got != want {
			t.Errorf("offset %d is translated to %d, %v, want %d", up, got, ok, want)
		}
	}
}

// However many syncs there are, no translation is beyond the truth, and each is as exact as its distance
// from the end allows.
func TestTranslationsAreNeverAhead(t *testing.T) {
	var table translate.Table
	const n, every = 100_000, 10
	for up := int64(0); up < n; up += every {
		table.Add(p, up, 2*up)
	}
	for up := int64(0); up < n; up++ {
		got, ok := table.Downstream(p, up)
		if !ok || got > 2*up {
			t.Fatalf("offset %d is translated to %d, %v, beyond its record at %d", up, got, ok, 2*up)
		}
		if behind, most := up-got/2, (n-up)/8+2*every; behind > most {
			t.Fatalf("offset %d is translated to %d, %d records behind it, want at most %d", up, got, behind, most)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	var table translate.Table
	b.ReportAllocs()
	up := int64(0)
	for b.Loop() {
		up += 100
		table.Add(p, up, up)
	}
}
