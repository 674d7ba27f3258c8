package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/cached"
	"github.com/suiro/suiro/streams/topology"
)

// The stores of the task of the model: a table, windows, and the entries of a join.
var (
	rowSpec    = kinds.Spec{Name: "rows", Kind: kinds.Timestamped}
	windowSpec = kinds.Spec{Name: "windows", Kind: kinds.TimestampedWindow, Retention: 100 * time.Hour}
	joinSpec   = kinds.Spec{Name: "join", Kind: kinds.Window, Retention: 100 * time.Hour, RetainDuplicates: true}
)

var errRead = errors.New("the disk cannot be read")

// badDB is a DB of which some reads fail.
type badDB struct {
	stores.DB
	fails func() bool
}

func (d *badDB) Get(key []byte) ([]byte, error) {
	if d.fails() {
		return nil, errRead
	}
	return d.DB.Get(key)
}

func (d *badDB) Iterate(from, to []byte, descending bool) (stores.Iterator, error) {
	if d.fails() {
		return nil, errRead
	}
	it, err := d.DB.Iterate(from, to, descending)
	if err == nil && d.fails() {
		it = &badIterator{Iterator: it}
	}
	return it, err
}

// badIterator fails after an entry.
type badIterator struct {
	stores.Iterator
	n int
}

func (i *badIterator) Next() bool {
	i.n++
	return i.n == 1 && i.Iterator.Next()
}

func (i *badIterator) Err() error {
	if i.n > 1 {
		return errRead
	}
	return i.Iterator.Err()
}

// numbers and text are Serdes.
type (
	numbers struct{}
	text    struct{}
)

func (numbers) Serialize(n int64) ([]byte, error) {
	return binary.BigEndian.AppendUint64(nil, uint64(n)), nil
}
func (numbers) Deserialize(data []byte) (int64, error) {
	return int64(binary.BigEndian.Uint64(data)), nil
}
func (text) Serialize(s string) ([]byte, error)      { return []byte(s), nil }
func (text) Deserialize(data []byte) (string, error) { return string(data), nil }

// task is a task with these stores.
type task struct {
	topology.Context
	overlay *stores.Overlay
	stores  *kinds.Stores
	once    map[string]any
	commits []func() error
	aborts  []func()
}

func (t *task) Overlay() *stores.Overlay                       { return t.overlay }
func (t *task) Stores() *kinds.Stores                          { return t.stores }
func (t *task) Cached() bool                                   { return true }
func (t *task) Grow(int64)                                     {}
func (t *task) Drop()                                          {}
func (t *task) Position() topology.Position                    { return topology.Position{} }
func (t *task) Fits(string, []byte, []byte) error              { return nil }
func (t *task) Hold() int                                      { return 0 }
func (t *task) Release(int)                                    {}
func (t *task) Refuse(_ int, _ topology.Update, e error) error { return e }

func (t *task) OnCommit(commit func() error, abort func()) {
	t.commits, t.aborts = append(t.commits, commit), append(t.aborts, abort)
}

func (t *task) Once(name string, build func() any) any {
	if t.once[name] == nil {
		t.once[name] = build()
	}
	return t.once[name]
}

// contents is what the stores have.
type contents struct {
	rows, windows map[string]int64
	join          []string
}

func (c contents) clone() contents {
	return contents{maps.Clone(c.rows), maps.Clone(c.windows), slices.Clone(c.join)}
}

// model is the task beside maps.
type model struct {
	t      *testing.T
	rng    *rand.Rand
	db     *badDB
	shared *stores.Memory
	others []*stores.Part
	bad    int // one of so many reads fails, 0 for none

	task    *task
	rows    *cached.Store[string, int64]
	windows *cached.Store[string, int64]

	now, committed contents
	changelog      map[string][]kinds.Record
	at             int64
	keys           int
	failed, reads  int
}

var specs = []kinds.Spec{rowSpec, windowSpec, joinSpec}

// TestStoresOfATaskAreThoseOfMaps counts in a table and in windows, and joins, through commits,
// aborts, new starts, restores, reads that fail, and others that take the memory: what is known of
// absent keys, kept decoded and kept of the latest entries must never show.
func TestStoresOfATaskAreThoseOfMaps(t *testing.T) {
	for _, memory := range []int64{8 << 10, 256 << 10, 64 << 20} {
		seed := rand.Uint64()
		t.Run(fmt.Sprintf("memory %d seed %d", memory, seed), func(t *testing.T) {
			m := &model{t: t, rng: rand.New(rand.NewPCG(seed, 0)), shared: stores.NewMemory(memory), keys: 1,
				changelog: map[string][]kinds.Record{}}
			m.db = &badDB{mem.Open(), func() bool { return m.bad > 0 && m.rng.IntN(m.bad) == 0 }}
			other := stores.NewOverlay(nil, nil)
			other.Share(m.shared)
			m.others = []*stores.Part{other.Part(memory), other.Part(memory)}
			m.now = contents{rows: map[string]int64{}, windows: map[string]int64{}}
			m.committed = m.now.clone()
			m.open()
			for range 200 {
				m.step()
			}
			if m.failed == 0 || m.reads < 1000 {
				t.Errorf("%d epochs failed, with %d reads of joins, want some", m.failed, m.reads)
			}
		})
	}
}

// open starts the task with what the DB has.
func (m *model) open() {
	m.t.Helper()
	bad := m.bad
	for m.bad = 4 * m.rng.IntN(2); ; m.bad = 0 {
		if m.task != nil {
			m.task.overlay.Close()
		}
		k := &task{overlay: stores.NewOverlay(m.db, stores.TaskPrefix("0_0")), once: map[string]any{}}
		k.overlay.Share(m.shared)
		var err error
		if k.stores, err = kinds.Open(k.overlay, specs...); err != nil {
			continue
		}
		rows := &Kept[string, int64]{Store: topology.Store{Spec: rowSpec}, Key: text{}, Value: numbers{}}
		windows := &Kept[string, int64]{Store: topology.Store{Spec: windowSpec}, Key: text{}, Value: numbers{}}
		m.task, m.rows, m.windows = k, rows.Open(k), windows.OpenWindows(k)
		m.rows.Own(nil, false, nil)
		m.windows.Own(nil, false, nil)
		break
	}
	m.bad, m.now = bad, m.committed.clone()
}

// step is an epoch, or something else that happens.
func (m *model) step() {
	m.t.Helper()
	switch n := m.rng.IntN(100); {
	case n < 10:
		m.open()
	case n < 13:
		m.restore()
		m.open()
	case n < 18:
		m.bad = 200 - m.bad
	case n < 25:
		m.others[m.rng.IntN(2)].Take(m.rng.Int64N(m.shared.Limit()))
	default:
		err := m.epoch()
		if err == nil && m.rng.IntN(8) > 0 {
			err = m.commit()
		} else {
			m.abort()
		}
		if err != nil {
			m.failed++
			if !errors.Is(err, errRead) {
				m.t.Fatal(err)
			}
			m.abort()
		}
	}
	if held := m.shared.Held(); held > m.shared.Limit() {
		m.t.Fatalf("%d bytes are held of %d", held, m.shared.Limit())
	}
}

// epoch processes some records.
func (m *model) epoch() error {
	for range m.rng.IntN(100) {
		m.at += m.rng.Int64N(50)
		m.keys += m.rng.IntN(2)
		key := fmt.Sprintf("key %d", m.rng.IntN(m.keys))
		if err := m.count(m.rows, m.now.rows, key, 0); err != nil {
			return err
		}
		start := (m.at - m.rng.Int64N(3000)) / 1000 * 1000
		if err := m.count(m.windows, m.now.windows, fmt.Sprintf("key %d", m.rng.IntN(20)), start); err != nil {
			return err
		}
		if err := m.join(fmt.Sprintf("key %d", m.rng.IntN(50))); err != nil {
			return err
		}
	}
	return nil
}

// count counts a key, and compares with a map.
func (m *model) count(s *cached.Store[string, int64], counts map[string]int64, key string, start int64) error {
	e, err := s.Find([]byte(key), start)
	if err != nil {
		return err
	}
	id := fmt.Sprint(start, key)
	if e.Value != counts[id] {
		m.t.Fatalf("%q at %d is %d, want %d", key, start, e.Value, counts[id])
	}
	counts[id]++
	return s.Set(e, func() string { return key }, counts[id], true, m.at, time.UnixMilli(m.at), nil)
}

// join puts an entry and looks for those of its key around its time.
func (m *model) join(key string) error {
	s := m.task.stores.Window("join")
	value := fmt.Sprint(m.at)
	s.Put([]byte(key), m.at, []byte(value))
	m.now.join = append(m.now.join, key+"="+value)
	m.reads++
	it, err := s.Range([]byte(key), m.at-m.rng.Int64N(4000), m.at, false)
	if err != nil {
		return err
	}
	from, got := int64(-1), []string(nil)
	for it.Next() {
		if from < 0 {
			from = it.Start()
		}
		got = append(got, string(it.Key())+"="+string(it.Value()))
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil {
		return err
	}
	var want []string
	for _, e := range slices.Backward(m.now.join) {
		k, at, _ := bytes.Cut([]byte(e), []byte("="))
		var start int64
		if _, err := fmt.Sscan(string(at), &start); err != nil || start < from {
			break
		}
		if string(k) == key {
			want = append(want, e)
		}
	}
	slices.Reverse(want)
	if len(got) == 0 || !slices.Equal(got, want) {
		m.t.Fatalf("the entries of %q from %d are %q, want %q", key, from, got, want)
	}
	return nil
}

// commit ends an epoch, with what its changelogs get.
func (m *model) commit() error {
	for _, f := range m.task.commits {
		if err := f(); err != nil {
			return err
		}
	}
	if err := m.task.stores.Changelog(func(store string, r kinds.Record) bool {
		m.changelog[store] = append(m.changelog[store], r)
		return true
	}); err != nil {
		return err
	}
	var b stores.Batch
	m.task.overlay.CommitTo(&b)
	if err := m.db.Apply(&b); err != nil {
		return err
	}
	m.task.overlay.Clear()
	m.committed = m.now.clone()
	return nil
}

func (m *model) abort() {
	m.task.overlay.Clear()
	for _, f := range m.task.aborts {
		f()
	}
	m.now = m.committed.clone()
}

// restore makes a new DB of the changelogs.
func (m *model) restore() {
	m.t.Helper()
	if err := m.db.DB.Close(); err != nil {
		m.t.Fatal(err)
	}
	m.db.DB = mem.Open()
	l, err := kinds.NewLoader(m.db.DB, stores.TaskPrefix("0_0"), specs...)
	if err != nil {
		m.t.Fatal(err)
	}
	for store, records := range m.changelog {
		for _, r := range records {
			if err := l.Add(store, r); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	if err := l.Flush(nil); err != nil {
		m.t.Fatal(err)
	}
}
