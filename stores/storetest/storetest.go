// Package storetest is the contract that every engine of a [stores.DB] passes.
package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/suiro/suiro/stores"
)

// Run tests an engine. The function opens a new, empty DB for each call; the
// test closes it.
func Run(t *testing.T, open func(t *testing.T) stores.DB) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, db stores.DB)
	}{
		{"GetReturnsWhatWasPut", testGet},
		{"IterateWalksBoundsInOrder", testIterate},
		{"IteratorSeesTheStateOfItsCall", testSnapshot},
		{"BatchAppliesInOrder", testBatchOrder},
		{"DeleteRangeSparesItsEnd", testDeleteRange},
		{"EmptyValueIsNoMissingValue", testEmptyValue},
		{"EmptyKeyIsNoPrefix", testEmptyKey},
		{"LargeValuesAndBatches", testLarge},
		{"SlicesAreTheCallers", testOwnership},
		{"ReadersSeeWholeBatches", testConcurrency},
		{"CallsAfterCloseReturnErrClosed", testClosed},
		{"CloseLeavesOpenIteratorsWhole", testCloseWithIterator},
		{"RandomOperationsMatchAMap", func(t *testing.T, db stores.DB) { testModel(t, db, nil) }},
		{"StoresOfAllKindsMatchMaps", func(t *testing.T, db stores.DB) { testKinds(t, db, nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := open(t)
			c.test(t, db)
			if err := db.Close(); err != nil {
				t.Errorf("Close() = %v", err)
			}
		})
	}
}

func testGet(t *testing.T, db stores.DB) {
	put(t, db, "a", "1", "b", "2", "\x00", "zero", "\xff\xff", "high")
	put(t, db, "b", "3")
	for key, want := range map[string]string{
		"a": "1", "b": "3", "\x00": "zero", "\xff\xff": "high",
	} {
		if got := get(t, db, key); string(got) != want {
			t.Errorf("Get(%q) = %q, want %q", key, got, want)
		}
	}
	for _, key := range []string{"c", "aa", "\x00\x00", "\xff"} {
		if got := get(t, db, key); got != nil {
			t.Errorf("Get(%q) = %q, want nil", key, got)
		}
	}
}

func testIterate(t *testing.T, db stores.DB) {
	keys := []string{"\x00", "\x00\x00", "a", "a\x00", "aa", "b", "c", "\xff", "\xff\xff"}
	for _, i := range []int{5, 2, 8, 0, 7, 1, 3, 6, 4} {
		put(t, db, keys[i], "v"+keys[i])
	}
	bounds := []string{"", "\x00", "a", "a\x01", "b", "bb", "\xff", "\xff\xff\xff"}
	check := func(from, to []byte) {
		want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool {
			return from != nil && k < string(from) || to != nil && k >= string(to)
		})
		checkRange(t, db, from, to, false, want)
		slices.Reverse(want)
		checkRange(t, db, from, to, true, want)
	}
	check(nil, nil)
	for _, b := range bounds {
		check([]byte(b), nil)
		check(nil, []byte(b))
		for _, to := range bounds {
			check([]byte(b), []byte(to))
		}
	}
}

func checkRange(t *testing.T, db stores.DB, from, to []byte, descending bool, want []string) {
	t.Helper()
	var got []string
	for _, e := range entries(t, db, from, to, descending) {
		if e.value != "v"+e.key {
			t.Errorf("value of %q is %q, want %q", e.key, e.value, "v"+e.key)
		}
		got = append(got, e.key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("Iterate(%s, %s, %v) = %q, want %q", bound(from), bound(to), descending, got, want)
	}
}

func bound(b []byte) string {
	if b == nil {
		return "nil"
	}
	return fmt.Sprintf("%q", b)
}

func testSnapshot(t *testing.T, db stores.DB) {
	var want []string
	for i := range 200 {
		key := fmt.Sprintf("%03d", i)
		put(t, db, key, "v"+key)
		want = append(want, key)
	}
	for _, descending := range []bool{false, true} {
		it, err := db.Iterate(nil, nil, descending)
		if err != nil {
			t.Fatal(err)
		}
		var b stores.Batch
		b.DeleteRange([]byte("050"), []byte("100"))
		b.Put([]byte("150"), []byte("changed"))
		b.Put([]byte("150x"), []byte("new"))
		apply(t, db, &b)
		var got []string
		for it.Next() {
			if string(it.Value()) != "v"+string(it.Key()) {
				t.Errorf("value of %q is %q, want the one at the call", it.Key(), it.Value())
			}
			got = append(got, string(it.Key()))
		}
		if it.Next() {
			t.Error("Next() = true after the end")
		}
		if err := errors.Join(it.Err(), it.Close(), it.Close()); err != nil {
			t.Error(err)
		}
		if descending {
			slices.Reverse(got)
		}
		if !slices.Equal(got, want) {
			t.Errorf("descending %v: iterator saw %d keys, want the %d at its call", descending, len(got), len(want))
		}
		b.Reset()
		b.Delete([]byte("150x"))
		for _, k := range want {
			b.Put([]byte(k), []byte("v"+k))
		}
		apply(t, db, &b)
	}
}

func testBatchOrder(t *testing.T, db stores.DB) {
	put(t, db, "old", "v", "old2", "v")
	var b stores.Batch
	b.Put([]byte("a"), []byte("1"))
	b.Delete([]byte("a"))
	b.Put([]byte("b"), []byte("1"))
	b.Put([]byte("b"), []byte("2"))
	b.DeleteRange([]byte("a"), []byte("old2"))
	b.Put([]byte("old"), []byte("again"))
	b.Delete([]byte("never there"))
	apply(t, db, &b)
	want := []entry{{"old", "again"}, {"old2", "v"}}
	if got := entries(t, db, nil, nil, false); !slices.Equal(got, want) {
		t.Errorf("after the batch: %v, want %v", got, want)
	}
	apply(t, db, &stores.Batch{})
}

func testDeleteRange(t *testing.T, db stores.DB) {
	for _, c := range []struct{ from, to, left string }{
		{"b", "d", "adef"}, {"", "c", "cdef"}, {"b", "b", "abcdef"}, {"d", "b", "abcdef"},
		{"a", "z", ""}, {"bb", "f", "abf"},
	} {
		put(t, db, "a", "", "b", "", "c", "", "d", "", "e", "", "f", "")
		var b stores.Batch
		b.DeleteRange([]byte(c.from), []byte(c.to))
		apply(t, db, &b)
		var left string
		for _, e := range entries(t, db, nil, nil, false) {
			left += e.key
		}
		if left != c.left {
			t.Errorf("DeleteRange(%q, %q) left %q, want %q", c.from, c.to, left, c.left)
		}
	}
}

func testEmptyKey(t *testing.T, db stores.DB) {
	put(t, db, "a", "other")
	if got := get(t, db, ""); got != nil {
		t.Errorf("the empty key, which was not put, has %q, want nil", got)
	}
}

func testEmptyValue(t *testing.T, db stores.DB) {
	var b stores.Batch
	b.Put([]byte("empty"), []byte{})
	b.Put([]byte("nil"), nil)
	apply(t, db, &b)
	for _, key := range []string{"empty", "nil"} {
		if got := get(t, db, key); got == nil || len(got) != 0 {
			t.Errorf("Get(%q) = %#v, want an empty value that isn't nil", key, got)
		}
	}
	want := []entry{{"empty", ""}, {"nil", ""}}
	if got := entries(t, db, nil, nil, false); !slices.Equal(got, want) {
		t.Errorf("entries %v, want %v", got, want)
	}
}

func testLarge(t *testing.T, db stores.DB) {
	large := bytes.Repeat([]byte("0123456789abcdef"), 5<<16)
	var b stores.Batch
	for i := range 8 {
		b.Put(fmt.Appendf(nil, "large %d", i), large[i:])
	}
	for i := range 20_000 {
		b.Put(fmt.Appendf(nil, "small %05d", i), large[:100])
	}
	apply(t, db, &b)
	for i := range 8 {
		if got := get(t, db, fmt.Sprintf("large %d", i)); !bytes.Equal(got, large[i:]) {
			t.Errorf("large value %d came back changed, %d bytes of %d", i, len(got), len(large[i:]))
		}
	}
	if got, want := len(entries(t, db, []byte("small"), nil, true)), 20_000; got != want {
		t.Errorf("%d small entries, want %d", got, want)
	}
}

func testOwnership(t *testing.T, db stores.DB) {
	key, value := []byte("key"), []byte("value")
	var b stores.Batch
	b.Put(key, value)
	apply(t, db, &b)
	clear(key)
	clear(value)
	got := get(t, db, "key")
	if string(got) != "value" {
		t.Fatalf("Get = %q after the batch's slices were reused, want %q", got, "value")
	}
	clear(got)
	if got := get(t, db, "key"); string(got) != "value" {
		t.Errorf("Get = %q after an earlier result was changed, want %q", got, "value")
	}
	from, to := []byte("k"), []byte("l")
	it, err := db.Iterate(from, to, false)
	if err != nil {
		t.Fatal(err)
	}
	clear(from)
	clear(to)
	if !it.Next() || string(it.Key()) != "key" {
		t.Error("iterator lost its entry after the bounds' slices were reused")
	}
	if err := it.Close(); err != nil {
		t.Error(err)
	}
}

func testClosed(t *testing.T, db stores.DB) {
	put(t, db, "a", "1")
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatalf("Close() twice = %v", err)
	}
	_, getErr := db.Get([]byte("a"))
	_, iterateErr := db.Iterate(nil, nil, false)
	var b stores.Batch
	b.Put([]byte("a"), nil)
	for call, err := range map[string]error{"Get": getErr, "Iterate": iterateErr, "Apply": db.Apply(&b)} {
		if !errors.Is(err, stores.ErrClosed) {
			t.Errorf("%s after Close = %v, want %v", call, err, stores.ErrClosed)
		}
	}
}

func testCloseWithIterator(t *testing.T, db stores.DB) {
	for i := range 100 {
		put(t, db, fmt.Sprintf("%03d", i), "value")
	}
	it, err := db.Iterate(nil, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	for { // until Close has begun
		if _, err := db.Get(nil); errors.Is(err, stores.ErrClosed) {
			break
		}
	}
	n := 0
	for ; it.Next(); n++ {
		if got, want := string(it.Key())+string(it.Value()), fmt.Sprintf("%03dvalue", n); got != want {
			t.Errorf("entry %d is %q, want %q", n, got, want)
		}
	}
	if err := errors.Join(it.Err(), it.Close(), <-closed); err != nil || n != 100 {
		t.Errorf("iterator saw %d entries while the DB was closed, want 100; %v", n, err)
	}
}
