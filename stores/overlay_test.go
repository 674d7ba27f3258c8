package stores_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
)

// newOverlay returns the overlay of a task over an empty DB in memory.
func newOverlay(t testing.TB) (*stores.Overlay, stores.DB) {
	db := mem.Open()
	t.Cleanup(func() { db.Close() })
	return stores.NewOverlay(db, stores.TaskPrefix("0_0")), db
}

// commit does what a task does after its transaction.
func commit(t testing.TB, o *stores.Overlay, db stores.DB) {
	t.Helper()
	var b stores.Batch
	o.CommitTo(&b)
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	o.Clear()
}

// walk returns the entries of an iterator as "key=value" and closes it.
func walk(t testing.TB, it stores.Iterator, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for it.Next() {
		got = append(got, string(it.Key())+"="+string(it.Value()))
	}
	if err := errors.Join(it.Err(), it.Close(), it.Close()); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestOverlayShowsPendingWritesBeforeTheDB(t *testing.T) {
	o, db := newOverlay(t)
	for _, k := range []string{"a", "b", "c"} {
		o.Put([]byte(k), []byte("old "+k))
	}
	commit(t, o, db)
	o.Put([]byte("b"), []byte("new b"))
	o.Delete([]byte("c"))
	o.Put([]byte("bb"), nil)
	want := []string{"a=old a", "b=new b", "bb="}
	it, err := o.Iterate(nil, nil, false)
	if got := walk(t, it, err); !slices.Equal(got, want) {
		t.Errorf("ascending: %q, want %q", got, want)
	}
	slices.Reverse(want)
	it, err = o.Iterate(nil, nil, true)
	if got := walk(t, it, err); !slices.Equal(got, want) {
		t.Errorf("descending: %q, want %q", got, want)
	}
	if got, err := o.Get([]byte("c")); got != nil || err != nil {
		t.Errorf("Get of a deleted key = %q, %v, want nil", got, err)
	}
	if got, err := o.Get([]byte("bb")); got == nil || len(got) != 0 || err != nil {
		t.Errorf("Get of an empty value = %#v, %v, want an empty one", got, err)
	}
}

func TestOverlayDroppedOnAbortLeavesTheDB(t *testing.T) {
	o, db := newOverlay(t)
	o.Put([]byte("a"), []byte("1"))
	commit(t, o, db)
	o.Put([]byte("a"), []byte("2"))
	o.Put([]byte("b"), []byte("2"))
	o.Clear()
	if got := o.Len(); got != 0 {
		t.Errorf("Len after Clear = %d, want 0", got)
	}
	it, err := o.Iterate(nil, nil, false)
	if got, want := walk(t, it, err), []string{"a=1"}; !slices.Equal(got, want) {
		t.Errorf("after the abort %q, want %q", got, want)
	}
}

func TestOverlayPendingIsTheLatestValuePerKeyInOrder(t *testing.T) {
	o, _ := newOverlay(t)
	for i := range 3 {
		for _, k := range []string{"c", "a", "b"} {
			o.Put([]byte(k), fmt.Appendf(nil, "%s%d", k, i))
		}
	}
	o.Delete([]byte("b"))
	var got []string
	for key, value := range o.Pending {
		got = append(got, fmt.Sprintf("%s=%s %v", key, value, value == nil))
	}
	if want := []string{"a=a2 false", "b= true", "c=c2 false"}; !slices.Equal(got, want) {
		t.Errorf("Pending yields %q, want %q", got, want)
	}
	for range o.Pending {
		break
	}
	if o.Len() != 3 {
		t.Errorf("Len = %d, want 3", o.Len())
	}
}

func TestOverlayKeysOutliveClear(t *testing.T) {
	o, _ := newOverlay(t)
	scratch := []byte("key-0")
	var keys [][]byte
	for epoch := range 3 {
		scratch[4] = '0' + byte(epoch)
		o.Put(scratch, []byte("v"))
		for key := range o.Pending {
			keys = append(keys, key)
		}
		o.Clear()
	}
	for i, key := range keys {
		if want := fmt.Sprintf("key-%d", i); string(key) != want {
			t.Errorf("key of epoch %d is now %q, want %q", i, key, want)
		}
	}
}

func TestOverlayBytesFollowsWrites(t *testing.T) {
	o, _ := newOverlay(t)
	o.Put([]byte("key"), make([]byte, 1000))
	one := o.Bytes()
	if one < 1000 || one > 1500 {
		t.Errorf("Bytes of one write of 1000 = %d", one)
	}
	o.Put([]byte("key"), make([]byte, 5000))
	if got, want := o.Bytes(), one+4000; got != want {
		t.Errorf("Bytes after a larger value = %d, want %d", got, want)
	}
	o.Delete([]byte("key"))
	if got, want := o.Bytes(), one-1000; got != want {
		t.Errorf("Bytes after a deletion = %d, want %d", got, want)
	}
	o.Clear()
	if got := o.Bytes(); got != 0 {
		t.Errorf("Bytes after Clear = %d, want 0", got)
	}
}

func TestOverlayIteratorsNest(t *testing.T) {
	o, _ := newOverlay(t)
	o.Put([]byte("a"), []byte("1"))
	o.Put([]byte("c"), []byte("1"))
	outer, err := o.Iterate(nil, nil, false)
	if err != nil || !outer.Next() {
		t.Fatal(err)
	}
	o.Put([]byte("b"), []byte("2"))
	o.Put([]byte("c"), []byte("2"))
	inner, err := o.Iterate(nil, nil, false)
	if got, want := walk(t, inner, err), []string{"a=1", "b=2", "c=2"}; !slices.Equal(got, want) {
		t.Errorf("inner %q, want %q", got, want)
	}
	if got, want := walk(t, outer, nil), []string{"c=1"}; !slices.Equal(got, want) {
		t.Errorf("the rest of outer %q, want %q", got, want)
	}
}

func TestOverlayReturnsTheErrorsOfTheDB(t *testing.T) {
	o, db := newOverlay(t)
	o.Put([]byte("a"), nil)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Get([]byte("a")); err != nil {
		t.Errorf("Get of a pending write = %v", err)
	}
	if _, err := o.Get([]byte("b")); !errors.Is(err, stores.ErrClosed) {
		t.Errorf("Get = %v, want %v", err, stores.ErrClosed)
	}
	if _, err := o.Iterate(nil, nil, false); !errors.Is(err, stores.ErrClosed) {
		t.Errorf("Iterate = %v, want %v", err, stores.ErrClosed)
	}
}

func TestOverlayShrinksAfterALargeEpoch(t *testing.T) {
	o, db := newOverlay(t)
	for i := range 100_000 {
		o.Put(fmt.Appendf(nil, "%06d", i), nil)
	}
	commit(t, o, db)
	o.Put([]byte("a"), []byte("1"))
	commit(t, o, db)
	o.Put([]byte("a"), []byte("2"))
	if got, err := o.Get([]byte("a")); string(got) != "2" || err != nil {
		t.Errorf("Get = %q, %v, want 2", got, err)
	}
	clears := testing.AllocsPerRun(10, o.Clear)
	if clears > 0 {
		t.Errorf("Clear of a small epoch allocates %v times, want 0", clears)
	}
}

// A key that is written once comes with the others in whatever order they are asked for.
func TestAddedKeysAreWalkedWithTheOthers(t *testing.T) {
	o, db := newOverlay(t)
	for epoch := range 3 {
		for _, key := range []string{"c", "a", "e"} {
			o.Add(fmt.Appendf(nil, "%s%d", key, epoch), []byte(key))
		}
		o.Put(fmt.Appendf(nil, "b%d", epoch), nil)
		var pending []string
		o.Pending(func(key, _ []byte) bool { pending = append(pending, string(key)); return true })
		want := []string{fmt.Sprint("a", epoch), fmt.Sprint("b", epoch), fmt.Sprint("c", epoch), fmt.Sprint("e", epoch)}
		if !slices.Equal(pending, want) {
			t.Errorf("epoch %d: pending are %q, want %q", epoch, pending, want)
		}
		it, err := o.Iterate([]byte("c"), nil, false)
		if got := walk(t, it, err); len(got) != 2*(epoch+1) {
			t.Errorf("epoch %d: keys from c on are %q, want %d", epoch, got, 2*(epoch+1))
		}
		commit(t, o, db)
	}
	o.Bound(3)
	if o.Add([]byte("key"), []byte("v")) || o.Refused() == nil {
		t.Error("a key and value of 4 bytes are taken, and 3 are the most")
	}
}
