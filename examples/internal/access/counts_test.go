package access

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// sample is the counts of n requests with response times that vary as real ones
// do: many short, few long.
func sample(t testing.TB, random *rand.Rand, n int) (*Counts, []float64) {
	t.Helper()
	s := NewCounts()
	var times []float64
	for range n {
		r := Request{status: []uint16{200, 200, 304, 404, 500, 0}[random.IntN(6)], seconds: math.NaN()}
		if random.IntN(10) > 0 {
			r.seconds = math.Exp(random.NormFloat64()*1.5-3) + 0.001
			times = append(times, r.seconds)
		}
		if err := s.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(times)
	return s, times
}

func TestPercentilesAreWithinOnePercent(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{20, 1000, 50_000} {
		s, times := sample(t, random, n)
		shown, err := s.Show()
		if err != nil {
			t.Fatal(err)
		}
		if shown.Requests != int64(n) {
			t.Errorf("%d requests, want %d", shown.Requests, n)
		}
		for q, got := range map[float64]*float64{0.50: shown.P50, 0.95: shown.P95, 0.99: shown.P99} {
			want := times[int(q*float64(len(times)-1))]
			if math.Abs(*got-want) > accuracy*want*1.0001 {
				t.Errorf("n %d: percentile %v is %v, want %v within 1%%", n, q, *got, want)
			}
		}
		sum := 0.0
		for _, v := range times {
			sum += v
		}
		if want := sum / float64(len(times)); math.Abs(*shown.Mean-want) > 1e-9 {
			t.Errorf("n %d: mean %v, want %v", n, *shown.Mean, want)
		}
	}
}

// Counts do not depend on the order of requests, byte for byte.
func TestOrderDoesNotMatter(t *testing.T) {
	requests := []Request{{200, 0.1}, {404, 3}, {200, math.NaN()}, {0, 0.2}, {200, 0}, {500, 0.1}}
	encoded := func() []byte {
		s := NewCounts()
		for _, r := range requests {
			if err := s.Add(r); err != nil {
				t.Fatal(err)
			}
		}
		b, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := encoded()
	random := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		random.Shuffle(len(requests), func(i, j int) { requests[i], requests[j] = requests[j], requests[i] })
		if got := encoded(); !slices.Equal(got, want) {
			t.Fatalf("requests %v encode as % x, want % x", requests, got, want)
		}
	}
}

// The sum of many long response times stays at the highest number, and never becomes
// negative.
func TestSumOfResponseTimesDoesNotOverflow(t *testing.T) {
	s := NewCounts()
	for range 20_000 {
		if err := s.Add(Request{status: 200, seconds: maxSeconds}); err != nil {
			t.Fatal(err)
		}
	}
	if s.nanos != math.MaxInt64 {
		t.Errorf("the sum is %d, want the highest number", s.nanos)
	}
}

func TestStoredCountsComeBack(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 10, 5000} {
		s, _ := sample(t, random, n)
		for range 3 { // and go on from there
			b, err := s.encode()
			if err != nil {
				t.Fatal(err)
			}
			back, err := DecodeCounts(b)
			if err != nil {
				t.Fatal(err)
			}
			want, err := s.Show()
			if err != nil {
				t.Fatal(err)
			}
			got, err := back.Show()
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("n %d: %+v, want %+v", n, got, want)
			}
			s = back
			if err := s.Add(Request{status: 200, seconds: 0.5}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestDecodeCountsRefusesOtherBytes(t *testing.T) {
	s, _ := sample(t, rand.New(rand.NewPCG(7, 8)), 100)
	good, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "another version": {2}, "only the version": good[:1], "cut short": good[:8],
	} {
		if _, err := DecodeCounts(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A few damaged bytes must not ask for gigabytes, nor for no end of work.
func TestDamagedCountsAreRefused(t *testing.T) {
	s, _ := sample(t, rand.New(rand.NewPCG(7, 8)), 100)
	head, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	var sketch []byte
	s.times.Encode(&sketch, true)
	head = head[:len(head)-len(sketch)]
	bins := func(flag byte, numbers ...int64) []byte {
		b := []byte{flag}
		for i, n := range numbers {
			if i == 0 {
				b = binary.AppendUvarint(b, uint64(n))
				continue
			}
			b = binary.AppendVarint(b, n)
		}
		return b
	}
	for name, tail := range map[string][]byte{
		"a bin far away":           bins(2<<2|1, 1, 1<<40),
		"a bin far below":          bins(2<<2|1, 1, -1<<40),
		"bins far from each other": append(bins(3<<2|1, 3, 0, 1<<38), 1, 1, 1),
		"times that are negative":  bins(2<<2|3, 1, 5),
	} {
		if _, err := DecodeCounts(slices.Concat(head, tail)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	many := binary.AppendUvarint([]byte{countsVersion, 1, 0}, 1<<62)
	if _, err := DecodeCounts(many); err == nil {
		t.Error("2^62 statuses decode")
	}
}

// FuzzDecodeCounts checks that stored counts, however damaged, are refused or come back,
// and take no more memory than their bytes explain.
func FuzzDecodeCounts(f *testing.F) {
	random := rand.New(rand.NewPCG(9, 10))
	for _, n := range []int{0, 1, 50, 3000} {
		s, _ := sample(f, random, n)
		b, err := s.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{countsVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeCounts(b)
		if err != nil {
			return
		}
		if _, err := s.Show(); err != nil {
			t.Fatalf("decoded counts are not shown: %v", err)
		}
		again, err := s.encode()
		if err != nil {
			t.Fatalf("decoded counts do not encode: %v", err)
		}
		if _, err := DecodeCounts(again); err != nil {
			t.Fatalf("encoded again they do not decode: %v", err)
		}
	})
}

func TestRequestsPassTheRepartitionTopic(t *testing.T) {
	serde := requestSerde()
	for _, want := range []Request{{200, 0.25}, {0, math.NaN()}, {599, 0}} {
		b, err := serde.Serialize(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := serde.Deserialize(b)
		if err != nil {
			t.Fatal(err)
		}
		if got.status != want.status || math.Float64bits(got.seconds) != math.Float64bits(want.seconds) {
			t.Errorf("%v came back as %v", want, got)
		}
	}
	if _, err := serde.Deserialize(make([]byte, requestSize-1)); err == nil {
		t.Error("a short request decodes")
	}
}
