package window_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/topology"
)

// task is a task with stores and nothing else.
type task struct {
	db       *mem.DB
	specs    []kinds.Spec
	overlay  *stores.Overlay
	stores   *kinds.Stores
	commits  []func() error
	aborts   []func()
	dropped  int
	late     int
	position topology.Position
	refused  []topology.Update
	kept     map[string]int64
}

func newTask(t *testing.T, db *mem.DB, specs ...kinds.Spec) *task {
	t.Helper()
	overlay := stores.NewOverlay(db, stores.TaskPrefix("0_0"))
	opened, err := kinds.Open(overlay, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return &task{db: db, specs: specs, overlay: overlay, stores: opened, position: topology.Position{Topic: "in"}}
}

func (t *task) Stores() *kinds.Stores             { return t.stores }
func (t *task) Overlay() *stores.Overlay          { return t.overlay }
func (t *task) Drop()                             { t.dropped++ }
func (t *task) Late()                             { t.late++ }
func (t *task) Grow(int64)                        {}
func (t *task) Position() topology.Position       { return t.position }
func (t *task) Fits(string, []byte, []byte) error { return nil }

func (t *task) OnCommit(commit func() error, abort func()) {
	t.commits, t.aborts = append(t.commits, commit), append(t.aborts, abort)
}

func (t *task) ProcessorMetadata(key string) (int64, bool) {
	at, ok := t.kept[key]
	return at, ok
}

func (t *task) SetProcessorMetadata(key string, at int64) {
	if t.kept == nil {
		t.kept = map[string]int64{}
	}
	t.kept[key] = at
}

func (t *task) Hold() int   { return 0 }
func (t *task) Release(int) {}

func (t *task) Refuse(_ int, u topology.Update, why error) error {
	var rejected *topology.Rejection
	if !errors.As(why, &rejected) {
		return why
	}
	t.refused = append(t.refused, u)
	return nil
}

func (t *task) commit(tb testing.TB) {
	tb.Helper()
	for _, commit := range t.commits {
		if err := commit(); err != nil {
			tb.Fatal(err)
		}
	}
	var b stores.Batch
	t.overlay.CommitTo(&b)
	if err := t.db.Apply(&b); err != nil {
		tb.Fatal(err)
	}
	t.overlay.Clear()
}

func (t *task) abort() {
	t.overlay.Clear()
	for _, abort := range t.aborts {
		abort()
	}
}

// text is the Serde of strings.
type text struct{}

func (text) Serialize(s string) ([]byte, error)      { return []byte(s), nil }
func (text) Deserialize(data []byte) (string, error) { return string(data), nil }

// textual is a value that may be null.
type textual = *string

// nullable is the Serde of textual.
type nullable struct{}

func (nullable) Serialize(s textual) ([]byte, error) { return []byte(*s), nil }
func (nullable) Deserialize(data []byte) (textual, error) {
	s := string(data)
	return &s, nil
}

type long struct{}

func (long) Serialize(n int64) ([]byte, error) {
	return binary.BigEndian.AppendUint64(nil, uint64(n)), nil
}

func (long) Deserialize(data []byte) (int64, error) { return int64(binary.BigEndian.Uint64(data)), nil }

// joined adds values with a plus between. One with an x makes the aggregate null.
func joined(merge bool) window.Aggregator[string, string, textual] {
	add := func(a, b string) (textual, error) {
		if strings.Contains(b, "x") {
			return nil, nil
		}
		s := a + "+" + b
		return &s, nil
	}
	plain := func(s textual) string {
		if s == nil {
			return ""
		}
		return *s
	}
	empty := ""
	var merger func(string, textual, textual) (textual, error)
	if merge {
		merger = func(_ string, a, b textual) (textual, error) { return add(plain(a), strings.TrimPrefix(plain(b), "+")) }
	}
	return window.Fold(func() textual { return &empty },
		func(_, v string, a textual) (textual, error) { return add(plain(a), v) }, merger)
}

// lines notes what is forwarded, a line each: key[start,end] old>new@timestamp.
type lines[A any] struct {
	out []string
}

func (l *lines[A]) next(r *node.Record[node.Windowed[string], node.Change[A]]) error {
	line := fmt.Sprintf("%s[%d,%d] ", r.Key.Key, r.Key.Start.UnixMilli(), r.Key.End.UnixMilli())
	if r.Value.HasOld {
		line += shown(r.Value.Old) + ">"
	}
	if r.Value.HasNew {
		line += shown(r.Value.New)
	} else {
		line += "-"
	}
	line += fmt.Sprintf("@%d", r.Timestamp.UnixMilli())
	for _, h := range r.Headers {
		line += " " + h.Key
	}
	l.out = append(l.out, line)
	*r = node.Record[node.Windowed[string], node.Change[A]]{} // a node may change what it gets
	return nil
}

func shown[A any](v A) string {
	if s, ok := any(v).(textual); ok && s != nil {
		return *s
	}
	return fmt.Sprint(v)
}

func (l *lines[A]) check(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(l.out, want) {
		t.Errorf("forwarded\n%s\nwant\n%s", strings.Join(l.out, "\n"), strings.Join(want, "\n"))
	}
	l.out = nil
}

// options are those of a node that joins texts.
type options struct {
	window.Options[string, string, textual]
	window.Output[string, textual]
}

// event is a record.
type event struct {
	key, value string
	at         int64
}

func (e event) record() *node.Record[string, string] {
	return &node.Record[string, string]{Key: e.key, Value: e.value, Timestamp: time.UnixMilli(e.at)}
}

// events makes records whose times go on, with many at the same time or out of order.
func events(rand *rand.Rand, n int) (all []event) {
	at := rand.Int64N(2000)
	for range n {
		switch rand.IntN(10) {
		case 0, 1:
		case 2, 3:
			at = max(0, at-rand.Int64N(400))
		case 4:
			at = max(0, at-rand.Int64N(3000))
		case 5:
			at += rand.Int64N(3000)
		default:
			at += rand.Int64N(150)
		}
		all = append(all, event{[]string{"a", "b", "ab"}[rand.IntN(3)], fmt.Sprint(rand.IntN(10)), at})
	}
	return all
}

// machine is a node under test, that a property test drives with commits, aborts and
// restarts.
type machine[A any] struct {
	*task
	lines[A]
	process func(*node.Record[string, string]) error
}

// drive sends records, and sometimes commits, aborts and sends again, or starts again. It
// returns what was forwarded and not taken back.
func drive[A any](t *testing.T, rand *rand.Rand, all []event, begin func(db *mem.DB) *machine[A]) (*machine[A], []string) {
	t.Helper()
	db := mem.Open()
	m := begin(db)
	var kept []string
	from := 0 // of the epoch
	for i := 0; i < len(all); i++ {
		if err := m.process(all[i].record()); err != nil {
			t.Fatal(err)
		}
		switch rand.IntN(12) {
		case 0, 1:
			m.commit(t)
			kept, m.out, from = append(kept, m.out...), nil, i+1
		case 2:
			m.abort()
			m.out, i = nil, from-1
			if rand.IntN(2) > 0 {
				m = begin(db)
			}
		}
	}
	m.commit(t)
	return m, append(kept, m.out...)
}
