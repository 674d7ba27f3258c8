package kinds_test

import (
	"fmt"
	"log"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
)

// A task merges a record into the sessions of its key, and commits.
func Example() {
	db, prefix := mem.Open(), stores.TaskPrefix("0_0")
	overlay := stores.NewOverlay(db, prefix)
	visits := kinds.Spec{Name: "visits", Kind: kinds.Session, Retention: time.Hour}
	task, err := kinds.Open(overlay, visits)
	if err != nil {
		log.Fatal(err)
	}
	store := task.Session("visits")
	store.Put(format.SessionKey{Key: []byte("ann"), Start: 10_000, End: 20_000}, []byte("3"))
	store.Put(format.SessionKey{Key: []byte("ann"), Start: 90_000, End: 90_000}, []byte("1"))

	// A record at 25_000, with a gap of 30 seconds, belongs to the first one.
	found, err := store.Find([]byte("ann"), 25_000-30_000, 25_000+30_000, false)
	if err != nil {
		log.Fatal(err)
	}
	for found.Next() {
		old := found.Key()
		store.Remove(old)
		store.Put(format.SessionKey{Key: old.Key, Start: old.Start, End: 25_000}, []byte("4"))
	}
	if err := found.Close(); err != nil {
		log.Fatal(err)
	}

	err = task.Changelog(func(store string, r kinds.Record) bool {
		fmt.Printf("%s: %q = %q\n", store, r.Key, r.Value)
		return true
	})
	if err != nil {
		log.Fatal(err)
	}
	var b stores.Batch
	overlay.CommitTo(&b)
	if err := db.Apply(&b); err != nil {
		log.Fatal(err)
	}
	overlay.Clear()

	value, err := kinds.Read(db, prefix, visits).Session.Fetch(
		format.SessionKey{Key: []byte("ann"), Start: 10_000, End: 25_000})
	fmt.Printf("committed: %q %v\n", value, err)
	// Output:
	// visits: "ann\x00\x00\x00\x00\x00\x00N \x00\x00\x00\x00\x00\x00'\x10" = ""
	// visits: "ann\x00\x00\x00\x00\x00\x00a\xa8\x00\x00\x00\x00\x00\x00'\x10" = "4"
	// visits: "ann\x00\x00\x00\x00\x00\x01_\x90\x00\x00\x00\x00\x00\x01_\x90" = "1"
	// committed: "4" <nil>
}
