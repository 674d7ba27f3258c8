package predicates

import (
	"fmt"
	"math"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func keyed(key any) *connect.Record {
	return &connect.Record{Topic: "access", Key: connect.Decoded(nil, key)}
}

func TestInSampleKeepsThePromises(t *testing.T) {
	p, err := NewInSample(InSampleConfig{By: "key ?? topic", Percent: 50})
	if err != nil {
		t.Fatal(err)
	}
	var in, out *connect.Record
	for n := 0; in == nil || out == nil; n++ {
		r := keyed(fmt.Sprint(n))
		if ok, err := p.Test(r); err != nil {
			t.Fatal(err)
		} else if ok {
			in = r
		} else {
			out = r
		}
	}
	connecttest.RunPredicate(t, p, in, out)
}

func TestASampleHasItsShareAndGrows(t *testing.T) {
	in, of := map[float64]int{}, map[float64]*InSample{}
	sizes := []float64{0, 1, 10, 50, 100}
	for _, percent := range sizes {
		p, err := NewInSample(InSampleConfig{By: "key", Percent: percent})
		if err != nil {
			t.Fatal(err)
		}
		of[percent] = p
	}
	for n := range 2001 {
		smaller := false
		for _, percent := range sizes {
			ok, err := of[percent].Test(keyed(fmt.Sprint("user-", n)))
			if err != nil {
				t.Fatal(err)
			}
			if smaller && !ok {
				t.Fatalf("user-%d is in a smaller sample and not in that of %v %%", n, percent)
			}
			if smaller = ok; ok {
				in[percent]++
			}
		}
	}
	for percent, n := range in {
		if want := 2001 * percent / 100; float64(n) < want*0.7-5 || float64(n) > want*1.3+5 {
			t.Errorf("%v %% of 2001 keys are %d", percent, n)
		}
	}
	if in[0] != 0 || in[100] != 2001 {
		t.Errorf("0 %% are %d and 100 %% are %d of 2001", in[0], in[100])
	}
}

func TestAllHashesAreInTheWhole(t *testing.T) {
	for _, hash := range []uint64{0, 1 << 63, math.MaxUint64 - 1, math.MaxUint64} {
		if !inShare(hash, 100) {
			t.Errorf("hash %#x is not in 100 %%", hash)
		}
		if inShare(hash, 0) {
			t.Errorf("hash %#x is in 0 %%", hash)
		}
	}
}

func TestInSampleRejectsNil(t *testing.T) {
	p := created(t, InSamplePlugin(), map[string]string{"by": "key", "percent": "10"})
	if got, err := p.Test(keyed(nil)); err == nil {
		t.Errorf("without a key: %v, want an error", got)
	}
	for _, props := range []map[string]string{{}, {"by": "key"}, {"by": "key", "percent": "101"}, {"by": "key", "percent": "NaN"},
		{"by": "key +", "percent": "1"}, {"by": "kye", "percent": "1"}} {
		refused(t, InSamplePlugin(), props)
	}
	p = created(t, InSamplePlugin(), map[string]string{"by": "keys", "percent": "10"})
	if got, err := p.Test(keyed("a")); err == nil {
		t.Errorf("by a function: %v, want an error", got)
	}
}

func ExampleInSample() {
	p, err := NewInSample(InSampleConfig{By: "key", Percent: 60})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, user := range []string{"ann", "bob", "eve"} {
		in, err := p.Test(keyed(user))
		fmt.Println(user, in, err)
	}
	// Output:
	// ann false <nil>
	// bob false <nil>
	// eve true <nil>
}
