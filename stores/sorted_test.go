package stores_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores"
)

// TestPendingWritesComeInTheOrderOfAnyKeys has keys that begin alike, end in zeros or are the
// beginning of others.
func TestPendingWritesComeInTheOrderOfAnyKeys(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	zeros, long := strings.Repeat("\x00", 40), strings.Repeat("long", 60)
	for name, key := range map[string]func() string{
		"numbers":          func() string { return string(binary.BigEndian.AppendUint64(nil, rng.Uint64()>>rng.IntN(64))) },
		"zeros":            func() string { return zeros[:rng.IntN(len(zeros))] },
		"zeros and others": func() string { return zeros[:rng.IntN(20)] + fmt.Sprintf("%.*s", rng.IntN(3), "\x00ab") },
		"two stores":       func() string { return []string{"left", "right"}[rng.IntN(2)] + fmt.Sprint(rng.IntN(1000)) },
		"long ones":        func() string { return long[:rng.IntN(len(long))] + fmt.Sprint(rng.IntN(10)) },
		"a few letters":    func() string { return fmt.Sprintf("%0*b", rng.IntN(30), rng.IntN(8)) },
		"empty ones":       func() string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1, 10, 100, 3000} {
				comparePending(t, n, key)
			}
		})
	}
}

func comparePending(t *testing.T, n int, key func() string) {
	t.Helper()
	o, _ := newOverlay(t)
	var want []string
	for range n {
		k := key()
		want = append(want, k)
		o.Put([]byte(k), []byte("x"))
	}
	slices.Sort(want)
	want = slices.Compact(want)
	var got []string
	for k := range o.Pending {
		got = append(got, string(k))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d keys come in another order than that of their bytes", n)
	}
}

// BenchmarkOverlayPending is the end of an epoch with many new keys of two stores.
func BenchmarkOverlayPending(b *testing.B) {
	const keys = 50_000
	o, _ := newOverlay(b)
	value := make([]byte, 16)
	var last []byte
	for b.Loop() {
		b.StopTimer()
		o.Clear()
		for i := range uint64(keys) {
			name := []string{"pairs-this-join", "pairs-other-join"}[i%2]
			key := stores.Key(nil, name, binary.BigEndian.AppendUint64([]byte("segment1"), i*0x9E3779B97F4A7C15))
			o.Add(key, value)
		}
		last = last[:0]
		b.StartTimer()
		for key := range o.Pending {
			if bytes.Compare(key, last) < 0 {
				b.Fatal("keys come in no order")
			}
			last = append(last[:0], key...)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/keys, "ns/key")
}
