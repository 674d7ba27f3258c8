package stores_test

import (
	"fmt"
	"log"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
)

// A task counts in an overlay. What its epoch wrote is in the DB, and visible
// to others, once the epoch has committed.
func ExampleOverlay() {
	db := mem.Open()
	defer db.Close()
	task := stores.TaskPrefix("0_3")
	overlay := stores.NewOverlay(db, task)
	counts := overlay.Store("counts")
	committed := stores.Committed(db, task, "counts")

	counts.Put([]byte("web1"), []byte("41"))
	counts.Put([]byte("web1"), []byte("42"))
	for key, value := range overlay.Pending {
		store, key, err := stores.SplitKey(key)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("to the changelog: %s %s=%s\n", store, key, value)
	}
	before, _ := committed.Get([]byte("web1"))

	// The transaction has committed. A real task adds its changelog offset.
	var batch stores.Batch
	overlay.CommitTo(&batch)
	if err := db.Apply(&batch); err != nil {
		log.Fatal(err)
	}
	overlay.Clear()
	after, _ := committed.Get([]byte("web1"))
	fmt.Printf("before %q, after %q\n", before, after)
	// Output:
	// to the changelog: counts web1=42
	// before "", after "42"
}

func ExampleWindow() {
	db := mem.Open()
	defer db.Close()
	window := stores.NewOverlay(db, stores.TaskPrefix("0_0")).Window("requests")
	const minute = 60_000
	for start := range int64(3) {
		window.Put([]byte("web1"), start*minute, fmt.Appendf(nil, "%d requests", 10+start))
	}
	if _, err := window.Expire(1 * minute); err != nil {
		log.Fatal(err)
	}
	it, err := window.FetchAll(0, 3*minute)
	if err != nil {
		log.Fatal(err)
	}
	defer it.Close()
	for it.Next() {
		fmt.Printf("%s minute %d: %s\n", it.Key(), it.Start()/minute, it.Value())
	}
	// Output:
	// web1 minute 1: 11 requests
	// web1 minute 2: 12 requests
}
