package kinds_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
)

// open returns the stores of a task in a new DB, with their overlay.
func open(t *testing.T, specs ...kinds.Spec) (*kinds.Stores, *stores.Overlay, stores.DB) {
	t.Helper()
	db := mem.Open()
	o := stores.NewOverlay(db, stores.TaskPrefix("0_0"))
	s, err := kinds.Open(o, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return s, o, db
}

func commit(t *testing.T, o *stores.Overlay, db stores.DB) {
	t.Helper()
	var b stores.Batch
	o.CommitTo(&b)
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	o.Clear()
}

// changelog returns the records of an epoch as text.
func changelog(t *testing.T, s *kinds.Stores) (records []string) {
	t.Helper()
	err := s.Changelog(func(store string, r kinds.Record) bool {
		value := "null"
		if r.Value != nil {
			value = fmt.Sprintf("%q", r.Value)
		}
		records = append(records, fmt.Sprintf("%s %x %s %d", store, r.Key, value, r.Timestamp))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestChangelogHasTheBytesOfKafkaStreams(t *testing.T) {
	s, o, db := open(t,
		kinds.Spec{Name: "k"}, kinds.Spec{Name: "t", Kind: kinds.Timestamped, TTL: time.Hour},
		kinds.Spec{Name: "v", Kind: kinds.Versioned, Retention: time.Minute},
		kinds.Spec{Name: "w", Kind: kinds.TimestampedWindow, Retention: time.Minute},
		kinds.Spec{Name: "d", Kind: kinds.Window, Retention: time.Minute, RetainDuplicates: true},
		kinds.Spec{Name: "s", Kind: kinds.Session, Retention: time.Minute},
	)
	s.KeyValue("k").Put([]byte("a"), []byte("1"))
	s.KeyValue("k").Delete([]byte("b"))
	s.KeyValue("t").Put([]byte("a"), format.AppendTimestamped(nil, 7, []byte("2")))
	for _, at := range []int64{90_000, 40_000} {
		if _, ok, err := s.Versioned("v").Put([]byte("a"), []byte("3"), at); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	if _, err := s.Versioned("v").Delete([]byte("b"), 91_000); err != nil {
		t.Fatal(err)
	}
	s.Window("w").Put([]byte("a"), 5, format.AppendTimestamped(nil, 9, []byte("4")))
	s.Window("w").Put([]byte("b"), 5, nil)
	s.Window("d").Put([]byte("a"), 5, []byte("5"))
	s.Window("d").Put([]byte("a"), 5, []byte("6"))
	s.Session("s").Put(format.SessionKey{Key: []byte("a"), Start: 1, End: 2}, []byte("7"))
	got := changelog(t, s)
	want := []string{
		`k 61 "1" -1`, `k 62 null -1`,
		`t 61 "2" 7`,
		`v 61 "3" 40000`, `v 61 "3" 90000`, `v 62 null 91000`,
		`w 61000000000000000500000000 "4" 9`, `w 62000000000000000500000000 null -1`,
		`d 61000000000000000500000001 "5" -1`, `d 61000000000000000500000002 "6" -1`,
		`s 6100000000000000020000000000000001 "7" -1`,
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("changelog %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	commit(t, o, db)
	if got := changelog(t, s); len(got) > 0 {
		t.Errorf("after the commit: %q, want nothing", got)
	}
}

// The records of a commit come in no order: the last need not be the latest duplicate.
func TestDuplicatesAfterARestoreReplaceNone(t *testing.T) {
	spec := kinds.Spec{Name: "w", Kind: kinds.Window, Retention: time.Minute, RetainDuplicates: true}
	s, _, db := open(t, spec)
	w := s.Window("w")
	for range 3 {
		w.Put([]byte("key"), 1000, []byte("before"))
	}
	var records []kinds.Record
	if err := s.Changelog(func(_ string, r kinds.Record) bool { records = append(records, r); return true }); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(records, func(a, b kinds.Record) int { return -slices.Compare(a.Key, b.Key) })
	l, err := kinds.NewLoader(db, stores.TaskPrefix("0_0"), spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := l.Add("w", r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(nil); err != nil {
		t.Fatal(err)
	}
	if s, err = kinds.Open(stores.NewOverlay(db, stores.TaskPrefix("0_0")), spec); err != nil {
		t.Fatal(err)
	}
	w = s.Window("w")
	w.Put([]byte("key"), 1000, []byte("after"))
	it, err := w.Range([]byte("key"), 1000, 1000, false)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for it.Next() {
		n++
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil || n != 4 {
		t.Errorf("%d duplicates, %v, want 4", n, err)
	}
}

func TestExpiredSegmentsLeaveNothingInTheDB(t *testing.T) {
	s, o, db := open(t, kinds.Spec{Name: "w", Kind: kinds.Window, Retention: 10 * time.Minute})
	for i := range int64(100) {
		s.Window("w").Put([]byte("k"), i*60_000, []byte("v"))
		commit(t, o, db)
	}
	it, err := db.Iterate(nil, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for it.Next() {
		n++
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil || n > 17 {
		t.Errorf("%d entries are left, %v, want at most the windows of 15 minutes and the time", n, err)
	}
	if got := changelog(t, s); len(got) > 0 {
		t.Errorf("expired windows are in the changelog: %q", got)
	}
}

func TestSweepRemovesWhatCannotBeRead(t *testing.T) {
	s, o, db := open(t, kinds.Spec{Name: "v", Kind: kinds.Versioned, Retention: time.Minute})
	for i := range int64(2000) {
		key, value := []byte{byte(i)}, []byte("v")
		if i >= 1000 && i%2 == 0 {
			value = nil
		}
		if _, _, err := s.Versioned("v").Put(key, value, i*1000); err != nil {
			t.Fatal(err)
		}
	}
	for i := range int64(10) {
		commit(t, o, db)
		if _, _, err := s.Versioned("v").Put([]byte("z"), []byte("v"), 2_100_000+i*20_000); err != nil {
			t.Fatal(err)
		}
	}
	it, err := db.Iterate(nil, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for it.Next() {
		n++
	}
	// Every second of 256 keys has a value, z has a few, and there is the time.
	if err := errors.Join(it.Err(), it.Close()); err != nil || n > 128+12 {
		t.Errorf("%d entries are left, %v", n, err)
	}
	if v, err := s.Versioned("v").Get([]byte{1}); err != nil || v == nil {
		t.Errorf("Get of a key that has a value: %v, %v", v, err)
	}
}

func TestExpireIsBoundedAndSparesWhatChanged(t *testing.T) {
	s, o, db := open(t, kinds.Spec{Name: "t", Kind: kinds.Timestamped, TTL: time.Minute})
	store := s.KeyValue("t")
	put := func(key string, at int64) { store.Put([]byte(key), format.AppendTimestamped(nil, at, []byte("v"))) }
	for i := range 100 {
		put(fmt.Sprintf("%02d", i), 1000)
	}
	put("07", 100_000) // the time moves on, and this one stays
	commit(t, o, db)
	var expired []string
	calls := 0
	for more := true; more; calls++ {
		var err error
		before := len(expired)
		more, err = store.Expire(30, func(key, value []byte) error {
			expired = append(expired, string(key))
			return nil
		})
		if err != nil || len(expired)-before > 30 {
			t.Fatalf("a call expired %d keys, %v, want 30 at most", len(expired)-before, err)
		}
		commit(t, o, db)
	}
	if len(expired) != 99 || slices.Contains(expired, "07") || calls != 4 {
		t.Errorf("%d keys expired in %d calls: %q, want all but 07 in 4", len(expired), calls, expired)
	}
}

func TestSpecsThatCannotBeAreRefused(t *testing.T) {
	for _, c := range []struct {
		spec kinds.Spec
		says string
	}{
		{kinds.Spec{}, "give it a name"},
		{kinds.Spec{Name: "a", Kind: 9}, "no kind 9"},
		{kinds.Spec{Name: "a", Kind: kinds.Window}, "a window store needs a retention"},
		{kinds.Spec{Name: "a", Kind: kinds.Versioned, Retention: 1}, "a versioned store needs a retention"},
		{kinds.Spec{Name: "a", Retention: time.Hour}, "has no retention"},
		{kinds.Spec{Name: "a", RetainDuplicates: true}, "only a window store retains duplicates"},
		{kinds.Spec{Name: "a", TTL: time.Hour}, "of a timestamped key-value store"},
		{kinds.Spec{Name: "twice"}, "another store has the name"},
	} {
		_, err := kinds.Open(stores.NewOverlay(mem.Open(), nil), kinds.Spec{Name: "twice"}, c.spec)
		if !errors.Is(err, kinds.ErrSpec) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want %q", c.spec, err, c.says)
		}
	}
}

func TestStoresThatWereNotDeclaredPanic(t *testing.T) {
	s, _, _ := open(t, kinds.Spec{Name: "counts", Kind: kinds.Session, Retention: time.Hour})
	for says, use := range map[string]func(){
		`store "other": give it to the node`:                            func() { s.Window("other") },
		`store "counts" is a session store, and it is used as a window`: func() { s.Window("counts") },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				if !errors.Is(err, kinds.ErrUndeclared) || !strings.Contains(err.Error(), says) {
					t.Errorf("panic with %v, want %q", err, says)
				}
			}()
			use()
		}()
	}
}

func FuzzLoaderTakesOrRefusesEveryRecord(f *testing.F) {
	specs := []kinds.Spec{
		{Name: "k"}, {Name: "t", Kind: kinds.Timestamped, TTL: time.Hour},
		{Name: "v", Kind: kinds.Versioned, Retention: time.Hour},
		{Name: "w", Kind: kinds.TimestampedWindow, Retention: time.Hour},
		{Name: "s", Kind: kinds.Session, Retention: time.Hour},
	}
	f.Add(uint8(3), format.WindowKey{Key: []byte("k"), Start: 5}.Append(nil), []byte("v"), int64(7))
	f.Add(uint8(4), format.SessionKey{Key: []byte("k"), Start: 5, End: 6}.Append(nil), []byte("v"), int64(7))
	f.Add(uint8(2), []byte("k"), []byte("v"), int64(-7))
	f.Fuzz(func(t *testing.T, store uint8, key, value []byte, timestamp int64) {
		spec := specs[int(store)%len(specs)]
		db, prefix := mem.Open(), stores.TaskPrefix("0_0")
		l, err := kinds.NewLoader(db, prefix, specs...)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Add(spec.Name, kinds.Record{Key: key, Value: value, Timestamp: timestamp}); err != nil {
			if !errors.Is(err, format.ErrDamaged) {
				t.Errorf("error %v does not say that the record is damaged", err)
			}
			return
		}
		if err := l.Flush(nil); err != nil {
			t.Fatal(err)
		}
		read(t, kinds.Read(db, prefix, spec), key, timestamp)
	})
}

// read reads all that a store has around a record.
func read(t *testing.T, v kinds.View, key []byte, timestamp int64) {
	t.Helper()
	var err error
	switch {
	case v.KeyValue != nil:
		_, err = v.KeyValue.Get(key)
	case v.Versioned != nil:
		_, err = v.Versioned.GetAsOf(key, timestamp)
	case v.Window != nil:
		var it *kinds.WindowIterator
		if it, err = v.Window.Keys(nil, nil, -1<<63, 1<<63-1, true); err == nil {
			for it.Next() {
				_, _ = it.Key(), it.Start()
			}
			err = errors.Join(it.Err(), it.Close())
		}
	case v.Session != nil:
		var it *kinds.SessionIterator
		if it, err = v.Session.Keys(nil, nil, -1<<63, 1<<63-1, false); err == nil {
			for it.Next() {
				_ = it.Key()
			}
			err = errors.Join(it.Err(), it.Close())
		}
	}
	if err != nil {
		t.Error(err)
	}
}

func TestIteratorsDoNotSeeLaterWrites(t *testing.T) {
	s, _, _ := open(t, kinds.Spec{Name: "w", Kind: kinds.Window, Retention: time.Hour})
	store := s.Window("w")
	for i := range int64(3) {
		store.Put([]byte("k"), i*1_200_000, []byte("v")) // in three segments
	}
	it, err := store.Range([]byte("k"), 0, 1<<60, false)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; it.Next(); n++ {
		store.Put([]byte("k"), it.Start()+600_000, []byte("later"))
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil || n != 3 {
		t.Errorf("saw %d windows, %v, want the 3 at the call", n, err)
	}
}
