package storetest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
)

// timedEntry is an entry of a window or session store. Windows have no end.
type timedEntry struct {
	key        string
	start, end int64
	value      string
}

func (e timedEntry) sameSlot(o timedEntry) bool {
	return e.key == o.key && e.start == o.start && e.end == o.end
}

// timedState has the entries of a store in the order of their first Put.
type timedState struct {
	entries []timedEntry
	now     int64
}

// timedModel is a window or session store.
type timedModel struct {
	spec               kinds.Spec
	committed, pending timedState
}

func newTimedModel(s kinds.Spec) *timedModel {
	m := &timedModel{spec: s, committed: timedState{now: -1 << 62}}
	m.abort()
	return m
}

func (m *timedModel) session() bool { return m.spec.Kind == kinds.Session }

func (m *timedModel) view(s *kinds.Stores) kinds.View {
	if m.session() {
		return kinds.View{Session: &s.Session(m.spec.Name).SessionReader}
	}
	return kinds.View{Window: &s.Window(m.spec.Name).WindowReader}
}

func (m *timedModel) commit() {
	m.committed = timedState{slices.Clone(m.pending.entries), m.pending.now}
}
func (m *timedModel) abort() {
	m.pending = timedState{slices.Clone(m.committed.entries), m.committed.now}
}

// timeOf is what an entry expires by.
func (m *timedModel) timeOf(e timedEntry) int64 {
	if m.session() {
		return e.end
	}
	return e.start
}

func (m *timedModel) live(s timedState, e timedEntry) bool {
	return m.timeOf(e) > s.now-m.spec.Retention.Milliseconds()
}

func (m *timedModel) change(t *testing.T, rng *rand.Rand, s *kinds.Stores, now int64) {
	t.Helper()
	e := timedEntry{key: modelKey(rng), start: now - now%5000 - 5000*rng.Int64N(25)}
	if m.session() {
		e.end = e.start + 1000*rng.Int64N(3)
	}
	var value []byte
	if rng.IntN(3) > 0 {
		value = fmt.Appendf([]byte{}, "%d", rng.IntN(1000))
		if m.spec.Kind == kinds.TimestampedWindow {
			value = format.AppendTimestamped(nil, now, value)
		}
	}
	e.value = string(value)
	nothing := value == nil && m.spec.RetainDuplicates
	m.pending.now = max(m.pending.now, m.timeOf(e))
	var ok bool
	if m.session() {
		ok = s.Session(m.spec.Name).Put(format.SessionKey{Key: []byte(e.key), Start: e.start, End: e.end}, value)
	} else {
		ok = s.Window(m.spec.Name).Put([]byte(e.key), e.start, value)
	}
	if want := m.live(m.pending, e); ok != want {
		t.Errorf("store %s: Put of %v at %d = %v, want %v", m.spec.Name, e, m.pending.now, ok, want)
	}
	if !ok || nothing {
		return
	}
	if !m.spec.RetainDuplicates {
		m.pending.entries = slices.DeleteFunc(m.pending.entries, e.sameSlot)
	}
	if value != nil {
		m.pending.entries = append(m.pending.entries, e)
	}
}

func (m *timedModel) check(t *testing.T, rng *rand.Rand, v kinds.View, committed bool) {
	t.Helper()
	s := m.pending
	if committed {
		s = m.committed
	}
	key, to := modelKey(rng), s.now-5000*rng.Int64N(20)
	from, descending := to-5000*rng.Int64N(20), rng.IntN(2) == 0
	one := func(e timedEntry) bool { return e.key == key }
	some := func(e timedEntry) bool { return e.key >= "a" && e.key < key }
	if m.session() {
		it, err := v.Session.Find([]byte(key), from, to, descending)
		m.compare(t, s, from, to, descending, one, true, m.sessions(t, it, err))
		it, err = v.Session.Keys([]byte("a"), []byte(key), from, to, descending)
		m.compare(t, s, from, to, descending, some, false, m.sessions(t, it, err))
		return
	}
	it, err := v.Window.Range([]byte(key), from, to, descending)
	m.compare(t, s, from, to, descending, one, true, m.windows(t, it, err))
	it, err = v.Window.Keys([]byte("a"), []byte(key), from, to, descending)
	m.compare(t, s, from, to, descending, some, false, m.windows(t, it, err))
	m.checkFetch(t, s, v.Window, key, to-to%5000)
}

func (m *timedModel) checkFetch(t *testing.T, s timedState, w *kinds.WindowReader, key string, start int64) {
	t.Helper()
	if m.spec.RetainDuplicates {
		return
	}
	var want []byte
	for _, e := range s.entries {
		if e.key == key && e.start == start && m.live(s, e) {
			want = []byte(e.value)
		}
	}
	if got, err := w.Fetch([]byte(key), start); err != nil || !bytes.Equal(got, want) {
		t.Errorf("store %s: Fetch(%q, %d) = %q, %v, want %q", m.spec.Name, key, start, got, err, want)
	}
}

// compare compares what an iterator yielded with the model, in order if it is ordered.
func (m *timedModel) compare(t *testing.T, s timedState, from, to int64, descending bool,
	meant func(timedEntry) bool, ordered bool, got []timedEntry) {
	t.Helper()
	var want []timedEntry
	for _, e := range s.entries {
		within := e.start <= to && (m.timeOf(e) >= from)
		if within && meant(e) && m.live(s, e) {
			want = append(want, e)
		}
	}
	order := func(a, b timedEntry) int {
		return cmp.Or(cmp.Compare(m.timeOf(a), m.timeOf(b)), cmp.Compare(a.start, b.start), cmp.Compare(a.key, b.key))
	}
	slices.SortStableFunc(want, order)
	if descending {
		slices.Reverse(want)
	}
	if !ordered {
		slices.SortStableFunc(got, order)
		if descending {
			slices.Reverse(got)
			if m.spec.RetainDuplicates {
				return // the order of duplicates is lost with the sorting
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("store %s from %d to %d, descending %v, at %d: %v, want %v",
			m.spec.Name, from, to, descending, s.now, got, want)
	}
}

func (m *timedModel) windows(t *testing.T, it *kinds.WindowIterator, err error) (got []timedEntry) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for it.Next() {
		got = append(got, timedEntry{key: string(it.Key()), start: it.Start(), value: string(it.Value())})
	}
	if err := errors.Join(it.Err(), it.Close(), it.Close()); err != nil {
		t.Error(err)
	}
	return got
}

func (m *timedModel) sessions(t *testing.T, it *kinds.SessionIterator, err error) (got []timedEntry) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for it.Next() {
		k := it.Key()
		got = append(got, timedEntry{key: string(k.Key), start: k.Start, end: k.End, value: string(it.Value())})
	}
	if err := errors.Join(it.Err(), it.Close(), it.Close()); err != nil {
		t.Error(err)
	}
	return got
}
