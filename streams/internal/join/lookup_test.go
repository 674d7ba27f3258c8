package join

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// lookup is a join of a stream with a table whose keys a and b have values since 0 and 100.
type lookup struct {
	*task
	join *Lookup[string, string, string, string]
	out  []string
}

const noGrace = -1

func newLookup(t *testing.T, db *mem.DB, left bool, grace int64) *lookup {
	t.Helper()
	l := &lookup{}
	l.join = &Lookup[string, string, string, string]{Left: left, Join: Outer(both),
		Find: func(r *node.Record[string, string]) (found Found[string], err error) {
			since := map[string]int64{"a": 0, "b": 100}
			at, ok := since[r.Key]
			if found.OK = ok && r.Timestamp.UnixMilli() >= at; found.OK {
				found.Value = "row " + r.Key
			}
			found.Keyless = r.KeyIsNull()
			return found, nil
		},
		Next: func(r *node.Record[string, string]) error {
			line := fmt.Sprintf("%s %s@%d", r.Key, r.Value, r.Timestamp.UnixMilli())
			for _, h := range r.Headers {
				line += fmt.Sprintf(" %s=%s", h.Key, h.Value)
			}
			l.out = append(l.out, line)
			return nil
		},
	}
	if grace == noGrace {
		l.task = newTask(t, db)
	} else {
		l.task = newTask(t, db, BufferSpec("buffer"))
		l.join.Buffer = NewBuffer(l.task, "buffer", grace, text{}, text{})
	}
	l.join.Context = l.task
	return l
}

func (l *lookup) send(t *testing.T, key, value string, at int64, headers ...topology.Header) {
	t.Helper()
	r := node.Record[string, string]{Key: key, NullKey: key == "", Value: value, NullValue: value == "",
		Timestamp: millis(at), Headers: headers}
	if err := l.join.Process(&r); err != nil {
		t.Fatal(err)
	}
}

func (l *lookup) check(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(l.out, want) {
		t.Errorf("emitted %q, want %q", l.out, want)
	}
	l.out = nil
}

func TestStreamsLookUpTables(t *testing.T) {
	for left, want := range map[bool]struct {
		out     []string
		dropped int
	}{
		false: {[]string{"a 1+row a@1"}, 3},
		true:  {[]string{"a 1+row a@1", "b 2+-@2", "c 3+-@3", " 4+-@4"}, 2},
	} {
		l := newLookup(t, mem.Open(), left, noGrace)
		l.send(t, "a", "1", 1)
		l.send(t, "b", "2", 2)
		l.send(t, "c", "3", 3)
		l.send(t, "", "4", 4)
		l.send(t, "a", "", 5)
		l.send(t, "", "", 6)
		l.check(t, want.out...)
		if l.dropped != want.dropped {
			t.Errorf("left %v: %d dropped, want %d", left, l.dropped, want.dropped)
		}
	}
}

func TestRecordsAreHeldBackInOrderOfTime(t *testing.T) {
	l := newLookup(t, mem.Open(), true, 10)
	l.send(t, "a", "1", 20, topology.Header{Key: "h", Value: []byte("x")}, topology.Header{Key: "null"})
	l.send(t, "b", "2", 15)
	l.send(t, "a", "3", 15)
	l.send(t, "a", "4", 15)
	l.check(t)
	l.send(t, "b", "5", 110)
	l.check(t, "a 3+row a@15", "a 4+row a@15", "b 2+-@15", "a 1+row a@20 h=x null=")
	l.send(t, "a", "6", 99) // too late to be held
	l.check(t, "a 6+row a@99")
	l.send(t, "a", "7", 100)
	l.check(t, "a 7+row a@100")
	l.send(t, "a", "8", 200)
	l.check(t, "b 5+row b@110")
}

func TestWithoutGraceNothingIsHeldBack(t *testing.T) {
	l := newLookup(t, mem.Open(), false, 0)
	l.send(t, "a", "1", 20)
	l.send(t, "a", "2", 10)
	l.check(t, "a 1+row a@20", "a 2+row a@10")
}

func TestHeldRecordsSurviveAbortsAndRestarts(t *testing.T) {
	db := mem.Open()
	l := newLookup(t, db, false, 10)
	l.send(t, "a", "1", 20)
	l.commit(t)
	l.send(t, "a", "2", 90)
	l.check(t, "a 1+row a@20")
	l.overlay.Clear()
	l.send(t, "a", "3", 20)
	l.commit(t)
	l = newLookup(t, db, false, 10)
	l.send(t, "a", "4", 20) // has the sequence that the first one had
	l.send(t, "a", "5", 9)
	l.check(t, "a 5+row a@9")
	l.send(t, "a", "6", 100)
	l.check(t, "a 1+row a@20", "a 3+row a@20", "a 4+row a@20")
}

func TestARejectionOfAHeldRecordDoesNotBlameTheOneInProcess(t *testing.T) {
	l := newLookup(t, mem.Open(), false, 10)
	l.join.Join = func(v, _ string, _, _ bool) (string, error) {
		if v == "bad" {
			return "", &topology.Rejection{Stage: topology.Processing, Err: errors.New("cannot")}
		}
		return v, nil
	}
	l.send(t, "a", "bad", 1)
	l.send(t, "a", "good", 2)
	l.send(t, "a", "last", 50)
	l.check(t, "a good@2")
	if want := []string{"buffer a=bad@1: processing: cannot"}; !slices.Equal(l.refused, want) {
		t.Errorf("refused %q, want %q", l.refused, want)
	}
}

func TestDamagedBuffersAreAnError(t *testing.T) {
	l := newLookup(t, mem.Open(), true, 10)
	l.stores.KeyValue("buffer").Put([]byte("x"), []byte("y"))
	r := node.Record[string, string]{Key: "a", Value: "1", Timestamp: millis(5)}
	if err := l.join.Process(&r); !errors.Is(err, format.ErrDamaged) {
		t.Errorf("a buffer with a key of another format: %v, want %v", err, format.ErrDamaged)
	}
}
