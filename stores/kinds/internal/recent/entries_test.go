package recent

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
)

// put is an entry that was put into the store.
type put struct {
	key   format.WindowKey
	value string
}

// TestWhatIsFoundIsAllThatThereIs puts entries at times in no order, of which some expire, and
// looks for those of a key: what is found is what a list of all entries has.
func TestWhatIsFoundIsAllThatThereIs(t *testing.T) {
	for _, room := range []int64{0, 1000, 20_000, 1 << 20} {
		seed := rand.Uint64()
		t.Run(fmt.Sprintf("room %d seed %d", room, seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 0))
			const expires = 5000
			var all []put
			now, found := int64(0), 0
			memory := stores.NewOverlay(nil, nil).Part(room)
			r := New(now, memory)
			for n := range int32(20_000) {
				at := now - expires/2 + rng.Int64N(expires)
				key := []byte("keys")[:rng.IntN(5)]
				switch what := rng.IntN(1000); {
				case what == 0:
					r.Forget(now)
				case what == 1:
					r.Settle()
				case what < 400:
					now = max(now, at)
					p := put{format.WindowKey{Key: key, Start: at, Sequence: n}, string(make([]byte, rng.IntN(100)))}
					all = append(all, p)
					r.Add(p.key, []byte(p.value), now-expires)
				default:
					to, descending := at+rng.Int64N(expires), rng.IntN(2) == 0
					from := max(at, now-expires)
					it, ok := r.Find(key, from, to, descending)
					if !ok {
						continue
					}
					found++
					if got, want := list(it), between(all, key, from, to, descending); !slices.Equal(got, want) {
						t.Fatalf("key %q from %d to %d at %d: %v, want %v", key, from, to, now, got, want)
					}
				}
			}
			if found == 0 {
				t.Error("nothing was found in memory")
			}
		})
	}
}

// between lists the entries of a key in the order of an iterator.
func between(all []put, key []byte, from, to int64, descending bool) (out []string) {
	var mine []put
	for _, p := range all {
		if bytes.Equal(p.key.Key, key) && p.key.Start >= from && p.key.Start <= to {
			mine = append(mine, p)
		}
	}
	slices.SortFunc(mine, func(a, b put) int {
		order := cmp.Or(cmp.Compare(a.key.Start, b.key.Start), cmp.Compare(a.key.Sequence, b.key.Sequence))
		if descending {
			return -order
		}
		return order
	})
	for _, p := range mine {
		out = append(out, fmt.Sprintf("%x=%d", p.key.Append(nil), len(p.value)))
	}
	return out
}

func list(it stores.Iterator) (out []string) {
	for it.Next() {
		out = append(out, fmt.Sprintf("%x=%d", it.Key(), len(it.Value())))
	}
	return out
}
