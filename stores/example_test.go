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
	committed := stores.TaskState(db, task)

	web1 := stores.Key(nil, "counts", []byte("web1"))
	overlay.Put(web1, []byte("41"))
	overlay.Put(web1, []byte("42"))
	for key, value := range overlay.Pending {
		store, key, err := stores.SplitKey(key)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("to the changelog: %s %s=%s\n", store, key, value)
	}
	before, _ := committed.Get(web1)

	// The transaction has committed. A real task adds its changelog offset.
	var batch stores.Batch
	overlay.CommitTo(&batch)
	if err := db.Apply(&batch); err != nil {
		log.Fatal(err)
	}
	overlay.Clear()
	after, _ := committed.Get(web1)
	fmt.Printf("before %q, after %q\n", before, after)
	// Output:
	// to the changelog: counts web1=42
	// before "", after "42"
}
