package kinds

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds/internal/recent"
	"github.com/suiro/suiro/stores/mem"
)

// TestRangesOfRecentEntries compares what a store with duplicates finds with what is in the
// DB and the overlay, through commits, aborts, restarts and restores, with room for so many
// entries.
func TestRangesOfRecentEntries(t *testing.T) {
	for _, room := range []int64{0, 1000, 20_000, 1 << 20} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			m := &recentModel{t: t, rng: rand.New(rand.NewPCG(seed, 0)), db: mem.Open(), room: room}
			m.open()
			for range 6000 {
				m.step()
			}
			if m.found == 0 {
				t.Error("no ranges were found in memory")
			}
		})
	}
}

var recentSpec = Spec{Name: "w", Kind: Window, Retention: 10 * time.Minute, RetainDuplicates: true}

type recentModel struct {
	t       *testing.T
	rng     *rand.Rand
	db      stores.DB
	room    int64
	overlay *stores.Overlay
	store   *WindowStore
	at      int64
	found   int // ranges that were found in memory
}

func (m *recentModel) open() {
	m.t.Helper()
	m.overlay = stores.NewOverlay(m.db, stores.TaskPrefix("0"))
	s, err := Open(m.overlay, recentSpec)
	if err != nil {
		m.t.Fatal(err)
	}
	m.store = s.Window("w")
	m.store.recent = recent.New(m.store.clock.last(), m.overlay.Part(m.room))
}

func (m *recentModel) time() int64 { return m.at + m.rng.Int64N(120_000) - 60_000 }

func (m *recentModel) key() []byte { return []byte("keys")[:m.rng.IntN(5)] }

func (m *recentModel) step() {
	m.t.Helper()
	switch n := m.rng.IntN(1000); {
	case n < 5:
		m.commit()
	case n < 8:
		m.overlay.Clear()
	case n < 10:
		m.overlay.Clear()
		m.restore()
		m.open()
	case n < 400:
		m.at += m.rng.Int64N(2000)
		m.store.Put(m.key(), m.time(), bytes.Repeat([]byte{byte(n)}, m.rng.IntN(30)))
	default:
		m.compare(m.key(), m.time(), m.time(), m.rng.IntN(2) == 0)
	}
}

func (m *recentModel) commit() {
	m.t.Helper()
	var b stores.Batch
	m.overlay.CommitTo(&b)
	if err := m.db.Apply(&b); err != nil {
		m.t.Fatal(err)
	}
	m.overlay.Clear()
}

// restore reads a record of a changelog, with a time that may be too far ahead.
func (m *recentModel) restore() {
	m.t.Helper()
	l, err := NewLoader(m.db, stores.TaskPrefix("0"), recentSpec)
	if err != nil {
		m.t.Fatal(err)
	}
	l.Believe(m.at)
	k := format.WindowKey{Key: m.key(), Start: m.time(), Sequence: m.rng.Int32N(100_000)}
	if err := l.Add("w", Record{Key: k.Append(nil), Value: []byte("restored")}); err != nil {
		m.t.Fatal(err)
	}
	if err := l.Flush(nil); err != nil {
		m.t.Fatal(err)
	}
}

func (m *recentModel) compare(key []byte, from, to int64, descending bool) {
	m.t.Helper()
	it, err := m.store.Range(key, from, to, descending)
	if err != nil {
		m.t.Fatal(err)
	}
	if _, ok := it.Iterator.(*recent.Iterator); ok {
		m.found++
	}
	got := m.list(it)
	if it, err = m.store.WindowReader.Range(key, from, to, descending); err != nil {
		m.t.Fatal(err)
	}
	if want := m.list(it); !slices.Equal(got, want) {
		m.t.Fatalf("key %q from %d to %d: got %v, want %v", key, from, to, got, want)
	}
}

func (m *recentModel) list(it *WindowIterator) (all []string) {
	m.t.Helper()
	for it.Next() {
		all = append(all, fmt.Sprintf("%q@%d=%x", it.Key(), it.Start(), it.Value()))
	}
	if err := it.Close(); err != nil {
		m.t.Fatal(err)
	}
	return all
}
