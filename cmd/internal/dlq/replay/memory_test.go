package replay

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A random walk over letters, again and again with other choices, remembers exactly those that were put back: compared
// with a set, after each walk from what was written.
func TestMemoryIsThatOfASet(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		var letters []int64 // with gaps, as markers of transactions make them
		for at := int64(rng.IntN(50)); len(letters) < 1+rng.IntN(200); at += 1 + int64(rng.IntN(2)*rng.IntN(5)) {
			letters = append(letters, at)
		}
		set := map[int64]bool{}
		m := Memory{}
		m.begin(letters[0])
		for range 5 {
			w := newWalk(&m)
			share := rng.IntN(100)
			for _, at := range letters {
				switch {
				case at < m.Next: // a replay reads what follows
				case !set[at] && rng.IntN(100) < share:
					set[at] = true
					w.put(at)
				default:
					w.pass(at)
				}
			}
			text, err := m.encode()
			if err != nil {
				t.Fatalf("seed %d: encode: %v", seed, err)
			}
			if m, err = decode(m.Next, text); err != nil {
				t.Fatalf("seed %d: decode: %v", seed, err)
			}
			m.begin(letters[0])
			for _, at := range letters {
				if m.Has(at) != set[at] {
					t.Fatalf("seed %d: Has(%d) = %v, want %v: %+v", seed, at, m.Has(at), set[at], m)
				}
			}
			if i := slices.IndexFunc(letters, func(at int64) bool { return !set[at] }); i >= 0 && m.Next > letters[i] {
				t.Fatalf("seed %d: Next = %d, behind letter %d, which is left", seed, m.Next, letters[i])
			} else if i < 0 && (len(m.spans) > 0 || m.Next <= letters[len(letters)-1]) {
				t.Fatalf("seed %d: all was put back, and the memory is %+v", seed, m)
			}
		}
	}
}

func TestMemoryOfGoneLettersIsForgotten(t *testing.T) {
	m := Memory{Next: 3, Known: true, spans: []span{{5, 8}, {10, 12}}}
	m.begin(6)
	if m.Next != 8 || !slices.Equal(m.spans, []span{{10, 12}}) {
		t.Errorf("memory = %+v, want it to begin at 8", m)
	}
}

// One letter of two that is put back at random fills the metadata of an offset, and says so, instead of losing something.
func TestMemoryHasABound(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m, n := Memory{}, 0
	w := newWalk(&m)
	for ; ; n++ {
		if rng.IntN(2) == 0 {
			w.put(int64(n))
		} else {
			w.pass(int64(n))
		}
		if n%500 > 0 {
			continue
		}
		if text, err := m.encode(); err != nil {
			if !errors.Is(err, errTooMany) {
				t.Error(err)
			}
			break
		} else if len(text) > MaxMetadata {
			t.Fatalf("%d bytes of metadata", len(text))
		}
	}
	if n < 10_000 {
		t.Errorf("the metadata is full after %d letters, want 10000 at least", n)
	}
}

func TestMemoryOfOthersIsRefused(t *testing.T) {
	for _, text := range []string{"consumer-1", format + "###", format + "AAAA", "suiro9:"} {
		if _, err := decode(1, text); err == nil || !strings.HasPrefix(err.Error(), "its offset has metadata ") {
			t.Errorf("decode(%q) = %v, want it to be refused", text, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	m := Memory{spans: []span{{5, 8}, {10, 12}}}
	text, err := m.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(int64(0), text)
	f.Add(int64(1), "suiro1:")
	f.Fuzz(func(t *testing.T, next int64, text string) {
		if next < 0 {
			return
		}
		m, err := decode(next, text)
		if err != nil {
			return
		}
		before := slices.Clone(m.spans)
		again, err := m.encode()
		if err != nil {
			return // it was written better than we do
		}
		if m, err = decode(next, again); err != nil || !slices.Equal(m.spans, before) {
			t.Errorf("%q was read as %v, and again as %v, %v", text, before, m.spans, err)
		}
	})
}
