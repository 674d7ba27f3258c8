// Package backingtest is the suite that every store of source offsets runs.
package backingtest

import (
	"fmt"
	"maps"
	"reflect"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect/backing"
)

// Run checks what every [backing.OffsetStore] promises. open returns a
// store with the data in dir, which is empty at first. The data outlives the store:
// when open is called again with the same dir, it must return a store with the same
// data.
func Run(t *testing.T, open func(t *testing.T, dir string) backing.OffsetStore) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, func() backing.OffsetStore){
		"offsets come back as JSON": offsetsComeBack,
		"connectors stand apart":    offsetsStandApart,
		"nil forgets":               offsetsAreForgotten,
		"a connector's are listed":  offsetsAreListed,
		"many goroutines":           offsetsFromManyGoroutines,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			check(t, func() backing.OffsetStore { return opened(t, open, dir) })
		})
	}
	t.Run("offsets last", func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir)
		put(t, s, "c", map[string]any{"file": "a"}, map[string]any{"position": 7})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		want(t, opened(t, open, dir), "c", map[string]any{"file": "a"}, map[string]any{"position": int64(7)})
	})
}

func opened(t *testing.T, open func(*testing.T, string) backing.OffsetStore, dir string) backing.OffsetStore {
	t.Helper()
	s := open(t, dir)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return s
}

func put(t *testing.T, s backing.OffsetStore, connector string, partition, offset map[string]any) {
	t.Helper()
	if err := s.Put(t.Context(), connector, []backing.Entry{{Partition: partition, Offset: offset}}); err != nil {
		t.Fatalf("Put(%v, %v) = %v", partition, offset, err)
	}
}

func want(t *testing.T, s backing.OffsetStore, connector string, partition, offset map[string]any) {
	t.Helper()
	if err := s.Refresh(t.Context()); err != nil {
		t.Fatalf("Refresh = %v", err)
	}
	got, err := s.Get(connector, partition)
	if err != nil || !reflect.DeepEqual(got, offset) {
		t.Errorf("Get(%s, %v) = %v, %v, want %v", connector, partition, got, err, offset)
	}
}

func offsetsComeBack(t *testing.T, open func() backing.OffsetStore) {
	s := open()
	partition := map[string]any{"b": 1, "a": "x"}
	offset := map[string]any{"n": 1 << 60, "f": 1.5, "s": "<é>", "list": []any{1, "two"}, "nothing": nil}
	want(t, s, "c", partition, nil)
	put(t, s, "c", partition, offset)
	want(t, s, "c", maps.Clone(partition), map[string]any{"n": int64(1 << 60), "f": 1.5, "s": "<é>",
		"list": []any{int64(1), "two"}, "nothing": nil})
	put(t, s, "c", partition, map[string]any{"n": 2})
	want(t, s, "c", partition, map[string]any{"n": int64(2)})
	if err := s.Put(t.Context(), "c", []backing.Entry{{Partition: partition,
		Offset: map[string]any{"n": make(chan int)}}}); err == nil {
		t.Error("Put took an offset that has no JSON form")
	}
	want(t, s, "c", partition, map[string]any{"n": int64(2)})
}

func offsetsStandApart(t *testing.T, open func() backing.OffsetStore) {
	s := open()
	partition := map[string]any{"file": "a"}
	put(t, s, "one", partition, map[string]any{"n": 1})
	put(t, s, "two", partition, map[string]any{"n": 2})
	want(t, s, "one", partition, map[string]any{"n": int64(1)})
	want(t, s, "two", partition, map[string]any{"n": int64(2)})
	want(t, s, "one", map[string]any{"file": "b"}, nil)
}

func offsetsAreForgotten(t *testing.T, open func() backing.OffsetStore) {
	s := open()
	partition := map[string]any{"file": "a"}
	put(t, s, "c", partition, map[string]any{"n": 1})
	put(t, s, "c", partition, nil)
	want(t, s, "c", partition, nil)
}

func offsetsAreListed(t *testing.T, open func() backing.OffsetStore) {
	s := open()
	for _, connector := range []string{"c", "c\",\"d", "é😀"} {
		for i := range 3 {
			put(t, s, connector, map[string]any{"n": 2 - i, "file": connector}, map[string]any{"position": i})
		}
	}
	for _, connector := range []string{"c", "c\",\"d", "é😀", "none"} {
		if err := s.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		var want []backing.Entry
		for i := range 3 {
			want = append(want, backing.Entry{Partition: map[string]any{"n": int64(i), "file": connector},
				Offset: map[string]any{"position": int64(2 - i)}})
		}
		if connector == "none" {
			want = nil
		}
		got, err := s.List(connector)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("List(%s) = %v, %v, want %v", connector, got, err, want)
		}
		for i := range got {
			got[i].Offset = nil
		}
		if err := s.Put(t.Context(), connector, got); err != nil {
			t.Fatal(err)
		}
		if left, err := s.List(connector); err != nil || len(left) > 0 {
			t.Errorf("List(%s) after all were forgotten = %v, %v, want none", connector, left, err)
		}
	}
}

func offsetsFromManyGoroutines(t *testing.T, open func() backing.OffsetStore) {
	s := open()
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			partition := map[string]any{"file": fmt.Sprint(g)}
			for n := range 20 {
				if err := s.Put(t.Context(), "c", []backing.Entry{{Partition: partition,
					Offset: map[string]any{"n": n}}}); err != nil {
					t.Errorf("Put = %v", err)
				}
				if _, err := s.Get("c", partition); err != nil {
					t.Errorf("Get = %v", err)
				}
			}
		})
	}
	all.Wait()
	for g := range 4 {
		want(t, s, "c", map[string]any{"file": fmt.Sprint(g)}, map[string]any{"n": int64(19)})
	}
}
