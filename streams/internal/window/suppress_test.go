package window_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/internal/window"
	"github.com/suiro/suiro/streams/topology"
)

// holding is a suppression, and what it has forwarded.
type holding struct {
	*task
	node *window.Suppress[string, string]
	out  []string
}

func suppress(t *testing.T, db *mem.DB, h window.Hold[string, string]) *holding {
	t.Helper()
	m := &holding{task: newTask(t, db, kinds.Spec{Name: "kept"})}
	h.Name, h.Store, h.Key, h.Value = "node", "kept", text{}, text{}
	h.Next = func(r *node.Record[string, node.Change[string]]) error {
		line := r.Key + " "
		if r.Value.HasOld {
			line += r.Value.Old + ">"
		}
		if r.Value.HasNew {
			line += r.Value.New
		} else {
			line += "-"
		}
		line += fmt.Sprintf("@%d", r.Timestamp.UnixMilli())
		for _, h := range r.Headers {
			line += " " + h.Key
		}
		m.out = append(m.out, line)
		return nil
	}
	var err error
	if m.node, err = window.NewSuppress(m.task, &h); err != nil {
		t.Fatal(err)
	}
	return m
}

// send sends updates such as "a 1>2 100": a key, the value before and the one after, - for
// none, and the timestamp.
func (m *holding) send(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if err := m.try(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
}

func (m *holding) try(line string) error {
	words := strings.Fields(line)
	var at int64
	if _, err := fmt.Sscan(words[2], &at); err != nil {
		return err
	}
	r := node.Record[string, node.Change[string]]{Key: words[0], Timestamp: time.UnixMilli(at),
		Headers: []topology.Header{{Key: "h" + words[2]}}}
	before, after, _ := strings.Cut(words[1], ">")
	if before != "-" {
		r.Value.Old, r.Value.HasOld = before, true
	}
	if after != "-" {
		r.Value.New, r.Value.HasNew = after, true
	}
	return m.node.Process(&r)
}

func (m *holding) check(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(m.out, want) {
		t.Errorf("forwarded\n%s\nwant\n%s", strings.Join(m.out, "\n"), strings.Join(want, "\n"))
	}
	m.out = nil
}

func TestLatestUpdateComesWhenTheFirstIsDue(t *testing.T) {
	m := suppress(t, mem.Open(), window.Hold[string, string]{Wait: 10})
	m.send(t, "b ->1 100", "a ->1 100", "a 1>2 109", "c ->1 105")
	m.check(t)
	m.send(t, "d ->1 110") // a keeps the place of its first update, with the time of its last one
	m.check(t, "a 1>2@109 h109", "b 1@100 h100")
	m.send(t, "c 1>- 115")
	m.check(t, "c 1>-@115 h115")
	m.send(t, "e ->1 120")
	m.check(t, "d 1@110 h110")
}

func TestNothingIsHeldWithoutATimeToWait(t *testing.T) {
	m := suppress(t, mem.Open(), window.Hold[string, string]{})
	m.send(t, "a ->1 100", "a 1>2 100", "b ->3 50")
	m.check(t, "a 1@100 h100", "a 1>2@100 h100", "b 3@50 h50")
}

func TestWindowsComeWhenTheyHaveClosedAndNotWhenTheyAreGone(t *testing.T) {
	m := suppress(t, mem.Open(), window.Hold[string, string]{DropTombstones: true, Wait: 5,
		TimeOf: func(string) int64 { return 110 }})
	m.send(t, "a ->1 100", "b ->1 100", "b 1>- 101", "c ->1 114")
	m.check(t)
	m.send(t, "a 1>2 115")
	m.check(t, "a 1>2@115 h115", "c 1@114 h114")
}

func TestBufferThatIsFullEmitsTheEarliest(t *testing.T) {
	m := suppress(t, mem.Open(), window.Hold[string, string]{Wait: 1000, MaxRecords: 2})
	m.send(t, "a ->1 100", "b ->1 99", "a 1>2 101", "c ->1 98")
	m.check(t, "c 1@98 h98")
	m.send(t, "d ->1 200")
	m.check(t, "b 1@99 h99")

	// 28 bytes of numbers, topic in, 3 bytes of header, and the key and value
	m = suppress(t, mem.Open(), window.Hold[string, string]{Wait: 1000, MaxBytes: 72})
	m.send(t, "a ->1 10", "b ->1 11")
	m.check(t)
	m.send(t, "a 1>234 12")
	m.check(t, "a 1>234@12 h12")
}

func TestBufferThatMustNotBeFullFails(t *testing.T) {
	m := suppress(t, mem.Open(), window.Hold[string, string]{Wait: 1000, MaxRecords: 1, FailWhenFull: true})
	m.send(t, "a ->1 100", "a 1>2 101")
	err := m.try("b ->1 102")
	var rejection *topology.Rejection
	if !errors.Is(err, window.ErrFull) || errors.As(err, &rejection) || !strings.Contains(err.Error(), "raise the bound") {
		t.Errorf("error %v, want one that ends the app and says what to do", err)
	}
}

func TestBufferHasKafkaStreamsBytes(t *testing.T) {
	m := suppress(t, mem.Open(), window.Hold[string, string]{Wait: 1000})
	m.position = topology.Position{Topic: "in", Partition: 3, Offset: 7}
	m.send(t, "a 0>1 100", "a 1>2 101")
	data, err := m.stores.KeyValue("kept").Get([]byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	want := format.Buffered{Context: format.RecordContext{Timestamp: 101, Offset: 7, Topic: "in", Partition: 3,
		Headers: []format.Header{{Key: "h101"}}}, Prior: []byte("0"), Old: []byte("1"), New: []byte("2"), Time: 100}
	if got := want.Append(nil); string(data) != string(got) {
		t.Errorf("the store has %x, want %x", data, got)
	}
}

// suppressModel is a suppression with a list.
type suppressModel struct {
	wait, most int64
	now        int64
	held       []heldUpdate
}

type heldUpdate struct {
	time        int64
	key, update string
}

func (m *suppressModel) send(key string, at int64, update string) (out []string) {
	m.now = max(m.now, at)
	i := slices.IndexFunc(m.held, func(h heldUpdate) bool { return h.key == key })
	if i < 0 {
		m.held = append(m.held, heldUpdate{at, key, update})
	} else {
		m.held[i].update = update
	}
	slices.SortFunc(m.held, func(a, b heldUpdate) int {
		if a.time != b.time {
			return int(a.time - b.time)
		}
		return strings.Compare(a.key, b.key)
	})
	for len(m.held) > 0 && (m.held[0].time <= m.now-m.wait || int64(len(m.held)) > m.most) {
		out = append(out, m.held[0].update)
		m.held = m.held[1:]
	}
	return out
}

func TestSuppressionIsThatOfTheModelThroughAbortsAndRestarts(t *testing.T) {
	for seed := range uint64(150) {
		rand := rand.New(rand.NewPCG(seed, 4))
		h := window.Hold[string, string]{Wait: rand.Int64N(1000), MaxRecords: 1 + rand.Int64N(3)}
		model := &suppressModel{wait: h.Wait, most: h.MaxRecords}
		db := mem.Open()
		m := suppress(t, db, h)
		all := events(rand, 60)
		saved, from := *model, 0
		for i := 0; i < len(all); i++ {
			e := all[i]
			m.send(t, fmt.Sprintf("%s ->%d %d", e.key, i, e.at))
			m.check(t, model.send(e.key, e.at, fmt.Sprintf("%s %d@%d h%d", e.key, i, e.at, e.at))...)
			switch rand.IntN(10) {
			case 0, 1:
				m.commit(t)
				saved, from = *model, i+1
				saved.held = slices.Clone(model.held)
			case 2:
				m.abort()
				*model, i = saved, from-1
				model.held = slices.Clone(saved.held)
				if rand.IntN(2) == 0 {
					m = suppress(t, db, h)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
