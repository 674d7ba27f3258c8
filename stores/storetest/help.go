package storetest

import (
	"errors"
	"testing"

	"github.com/suiro/suiro/stores"
)

type entry struct{ key, value string }

// iterable is a DB or an overlay.
type iterable interface {
	Iterate(from, to []byte, descending bool) (stores.Iterator, error)
}

// put applies one batch of keys and values in turn.
func put(t testing.TB, db stores.DB, keyValues ...string) {
	t.Helper()
	var b stores.Batch
	for i := 0; i < len(keyValues); i += 2 {
		b.Put([]byte(keyValues[i]), []byte(keyValues[i+1]))
	}
	apply(t, db, &b)
}

func apply(t testing.TB, db stores.DB, b *stores.Batch) {
	t.Helper()
	if err := db.Apply(b); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, db stores.DB, key string) []byte {
	t.Helper()
	value, err := db.Get([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// entries returns what Iterate walks.
func entries(t testing.TB, db iterable, from, to []byte, descending bool) []entry {
	t.Helper()
	it, err := db.Iterate(from, to, descending)
	if err != nil {
		t.Fatal(err)
	}
	var all []entry
	for it.Next() {
		all = append(all, entry{string(it.Key()), string(it.Value())})
	}
	if err := errors.Join(it.Err(), it.Close()); err != nil {
		t.Fatal(err)
	}
	return all
}
