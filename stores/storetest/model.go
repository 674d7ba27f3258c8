package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
)

// SeedVariable is the environment variable that sets the seed of the random
// operations, to repeat a run.
const SeedVariable = "SUIRO_SEED"

const modelSteps = 4000

// model runs random operations on the overlays of some tasks and on maps.
type model struct {
	t      *testing.T
	rng    *rand.Rand
	db     stores.DB
	reopen func(stores.DB) stores.DB // nil when the engine keeps nothing
	tasks  []*modelTask
}

type modelTask struct {
	id                 string
	overlay            *stores.Overlay
	committed, pending map[string]string // pending is the whole state of the open epoch
}

// seed returns the seed of a random test, and logs how to repeat it.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if s := os.Getenv(SeedVariable); s != "" {
		var err error
		if n, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("%s: %v", SeedVariable, err)
		}
	}
	t.Logf("%s=%d repeats this run", SeedVariable, n)
	return n
}

func testModel(t *testing.T, db stores.DB, reopen func(stores.DB) stores.DB) {
	m := &model{t: t, rng: rand.New(rand.NewPCG(seed(t), 0)), db: db, reopen: reopen}
	for _, id := range []string{"0_1", "0_10", "1_0"} {
		m.tasks = append(m.tasks, &modelTask{id: id, committed: map[string]string{}, pending: map[string]string{}})
	}
	m.restart()
	for step := range modelSteps {
		m.step(m.tasks[m.rng.IntN(len(m.tasks))])
		if t.Failed() {
			t.Fatalf("stopped after step %d", step)
		}
	}
	for _, task := range m.tasks {
		m.checkRange(task, nil, nil, false)
		m.checkCommitted(task)
	}
	if reopen != nil {
		if err := m.db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// restart gives every task an empty overlay.
func (m *model) restart() {
	for _, task := range m.tasks {
		task.overlay = stores.NewOverlay(m.db, stores.TaskPrefix(task.id))
		task.pending = maps.Clone(task.committed)
	}
}

func (m *model) step(task *modelTask) {
	switch n := m.rng.IntN(100); {
	case n < 40:
		key, value := m.key(), m.value()
		task.overlay.Put(key, []byte(value))
		task.pending[string(key)] = value
	case n < 55:
		key := m.key()
		task.overlay.Delete(key)
		delete(task.pending, string(key))
	case n < 75:
		m.checkGet(task, m.key())
	case n < 85:
		m.checkRange(task, m.bound(), m.bound(), m.rng.IntN(2) == 0)
	case n < 92:
		m.commit(task)
	case n < 96:
		task.overlay.Clear()
		task.pending = maps.Clone(task.committed)
	case n < 98:
		m.checkCommitted(task)
	case n == 98:
		m.drop(task)
	case m.reopen != nil && m.rng.IntN(8) == 0:
		m.db = m.reopen(m.db)
		m.restart()
	}
}

// commit also checks that the pending writes lead from one state to the next.
func (m *model) commit(task *modelTask) {
	replayed := maps.Clone(task.committed)
	var last []byte
	for key, value := range task.overlay.Pending {
		if last != nil && bytes.Compare(last, key) >= 0 {
			m.t.Errorf("pending key %q comes after %q", key, last)
		}
		last = key
		if value == nil {
			delete(replayed, string(key))
		} else {
			replayed[string(key)] = string(value)
		}
	}
	if !maps.Equal(replayed, task.pending) {
		m.t.Errorf("pending writes lead to %v, want %v", replayed, task.pending)
	}
	var b stores.Batch
	task.overlay.CommitTo(&b)
	if b.Len() != task.overlay.Len() {
		m.t.Errorf("batch has %d writes, want %d", b.Len(), task.overlay.Len())
	}
	apply(m.t, m.db, &b)
	task.overlay.Clear()
	task.committed = maps.Clone(task.pending)
}

// drop deletes all that the task has.
func (m *model) drop(task *modelTask) {
	prefix := stores.TaskPrefix(task.id)
	var b stores.Batch
	b.DeleteRange(prefix, stores.PrefixEnd(prefix))
	apply(m.t, m.db, &b)
	task.overlay.Clear()
	clear(task.committed)
	clear(task.pending)
}

func (m *model) checkGet(task *modelTask, key []byte) {
	got, err := task.overlay.Get(key)
	if err != nil {
		m.t.Error(err)
	}
	want, ok := task.pending[string(key)]
	if string(got) != want || (got != nil) != ok {
		m.t.Errorf("task %s: Get(%q) = %q (nil: %v), want %q (there: %v)", task.id, key, got, got == nil, want, ok)
	}
}

// checkRange iterates, and writes while it does.
func (m *model) checkRange(task *modelTask, from, to []byte, descending bool) {
	want := sorted(task.pending, from, to, descending)
	it, err := task.overlay.Iterate(from, to, descending)
	if err != nil {
		m.t.Fatal(err)
	}
	var got []entry
	for it.Next() {
		got = append(got, entry{string(it.Key()), string(it.Value())})
		if m.rng.IntN(20) == 0 {
			key, value := m.key(), m.value()
			task.overlay.Put(key, []byte(value))
			task.pending[string(key)] = value
		}
		if m.rng.IntN(40) == 0 {
			inner := entries(m.t, task.overlay, nil, nil, descending)
			if want := sorted(task.pending, nil, nil, descending); !slices.Equal(inner, want) {
				m.t.Errorf("task %s: inner Iterate = %v, want %v", task.id, inner, want)
			}
		}
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil {
		m.t.Error(err)
	}
	if !slices.Equal(got, want) {
		m.t.Errorf("task %s: Iterate(%s, %s, %v) = %v, want %v",
			task.id, bound(from), bound(to), descending, got, want)
	}
}

func (m *model) checkCommitted(task *modelTask) {
	prefix := stores.TaskPrefix(task.id)
	var want []entry
	for _, e := range sorted(task.committed, nil, nil, false) {
		want = append(want, entry{string(prefix) + e.key, e.value})
	}
	if got := entries(m.t, m.db, prefix, stores.PrefixEnd(prefix), false); !slices.Equal(got, want) {
		m.t.Errorf("task %s: DB has %v, want %v", task.id, got, want)
	}
}

func sorted(state map[string]string, from, to []byte, descending bool) []entry {
	var all []entry
	for _, key := range slices.Sorted(maps.Keys(state)) {
		if (from == nil || key >= string(from)) && (to == nil || key < string(to)) {
			all = append(all, entry{key, state[key]})
		}
	}
	if descending {
		slices.Reverse(all)
	}
	return all
}

func (m *model) key() []byte {
	if m.rng.IntN(10) == 0 {
		return bytes.Repeat([]byte{0xff}, m.rng.IntN(3))
	}
	return fmt.Appendf(nil, "%02d", m.rng.IntN(60))
}

func (m *model) bound() []byte {
	if m.rng.IntN(3) == 0 {
		return nil
	}
	return m.key()
}

func (m *model) value() string {
	if m.rng.IntN(8) == 0 {
		return ""
	}
	return strconv.Itoa(m.rng.IntN(1000))
}
