package join

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/node"
)

// change is a change whose values are "" for none.
func change(old, is string) node.Change[string] {
	return node.Change[string]{New: is, Old: old, HasNew: is != "", HasOld: old != ""}
}

func row(value string, at int64) Row[string] {
	return Row[string]{Value: value, Timestamp: at, Found: value != ""}
}

func both(l, r *string) (string, error) { return shown(l) + "+" + shown(r), nil }

// sides sends changes of key a at 5 to a side of a join whose other side has other at 7, and
// returns what it makes.
func sides(t *testing.T, kind Kind, sendOld bool, other string, changes ...node.Change[string]) (out []string) {
	t.Helper()
	task := newTask(t, mem.Open())
	s := &TableSide[string, string, string, string]{
		Context: task, Kind: kind, SendOld: sendOld, Join: Outer(both),
		Get: func(string) (Row[string], error) { return row(other, 7), nil },
		Next: func(r *node.Record[string, node.Change[string]]) error {
			c := r.Value
			out = append(out, fmt.Sprintf("%s:%s>%s@%d", r.Key, mark(c.Old, c.HasOld), mark(c.New, c.HasNew),
				r.Timestamp.UnixMilli()))
			return nil
		},
	}
	for _, c := range changes {
		if err := s.Process(&node.Record[string, node.Change[string]]{Key: "a", Value: c, Timestamp: millis(5)}); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func mark(v string, has bool) string {
	if !has {
		return ""
	}
	return v
}

func TestSidesOfTablesChangeTheResult(t *testing.T) {
	changes := []node.Change[string]{change("", "n"), change("o", "n"), change("o", ""), change("", "")}
	for _, c := range []struct {
		kind  Kind
		other string
		want  []string
	}{
		{Both, "r", []string{"a:>n+r@7", "a:o+r>n+r@7", "a:o+r>@7", "a:>@7"}},
		{Both, "", nil},
		{This, "r", []string{"a:>n+r@7", "a:o+r>n+r@7", "a:o+r>@7", "a:>@7"}},
		{This, "", []string{"a:>n+-@5", "a:o+->n+-@5", "a:o+->@5"}},
		{Other, "r", []string{"a:-+r>n+r@7", "a:o+r>n+r@7", "a:o+r>-+r@7", "a:-+r>-+r@7"}},
		{Other, "", nil},
		{Either, "r", []string{"a:-+r>n+r@7", "a:o+r>n+r@7", "a:o+r>-+r@7", "a:-+r>-+r@7"}},
		{Either, "", []string{"a:>n+-@5", "a:o+->n+-@5", "a:o+->@5"}},
	} {
		if got := sides(t, c.kind, true, c.other, changes...); !slices.Equal(got, c.want) {
			t.Errorf("kind %d, other side %q: %q, want %q", c.kind, c.other, got, c.want)
		}
	}
	got := sides(t, Either, false, "r", changes[1])
	if want := []string{"a:>n+r@7"}; !slices.Equal(got, want) {
		t.Errorf("without old values: %q, want %q", got, want)
	}
}

func TestJoinedTablesReadAsTheyAreMade(t *testing.T) {
	for _, c := range []struct {
		kind        Kind
		left, right Row[string]
		want        Row[string]
	}{
		{Both, row("l", 5), row("r", 7), row("l+r", 7)},
		{Both, row("l", 9), row("r", 7), row("l+r", 9)},
		{Both, row("l", 9), row("", 0), row("", 0)},
		{This, row("l", 9), row("", 0), row("l+-", 9)},
		{This, row("", 0), row("r", 7), row("", 0)},
		{Either, row("", 0), row("r", 7), row("-+r", 7)},
		{Either, row("", 0), row("", 0), row("", 0)},
	} {
		get := JoinedTables(c.kind, func(string) (Row[string], error) { return c.left, nil },
			func(string) (Row[string], error) { return c.right, nil }, Outer(both))
		got, err := get("a")
		if err != nil || got != c.want {
			t.Errorf("kind %d of %+v and %+v: %+v, %v, want %+v", c.kind, c.left, c.right, got, err, c.want)
		}
	}
}

func TestSidesLeaveOutWhatHasNoKeyOrWasOvertaken(t *testing.T) {
	task := newTask(t, mem.Open())
	s := &TableSide[string, string, string, string]{Context: task, Kind: Either, Versioned: true,
		Get: func(string) (Row[string], error) { return Row[string]{}, errors.New("must not be asked") }}
	stale := change("", "n")
	stale.Stale = true
	for _, r := range []node.Record[string, node.Change[string]]{
		{NullKey: true, Value: change("", "n")}, {Key: "a", Value: stale},
	} {
		if err := s.Process(&r); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if task.dropped != 2 {
		t.Errorf("%d dropped, want 2", task.dropped)
	}
}

func TestMergedChangesKeepWhatTheyReplaceOnDemand(t *testing.T) {
	for _, sendOld := range []bool{true, false} {
		var got node.Change[string]
		merge := Merge(sendOld, func(r *node.Record[string, node.Change[string]]) error {
			got = r.Value
			return nil
		})
		if err := merge(&node.Record[string, node.Change[string]]{Value: change("o", "n")}); err != nil {
			t.Fatal(err)
		}
		if got.HasOld != sendOld || (got.Old == "o") != sendOld || got.New != "n" {
			t.Errorf("old values %v: %+v", sendOld, got)
		}
	}
}
