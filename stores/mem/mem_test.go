package mem_test

import (
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
)

func TestOverlayReadsItsWritesBeforeTheDB(t *testing.T) {
	db := mem.Open()
	defer db.Close()
	o := stores.NewOverlay(db, stores.TaskPrefix("0_0"))
	for _, k := range []string{"a", "b", "c"} {
		o.Put([]byte(k), []byte("old "+k))
	}
	var b stores.Batch
	o.CommitTo(&b)
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	o.Clear()
	o.Put([]byte("b"), []byte("new b"))
	o.Delete([]byte("c"))
	o.Put([]byte("bb"), nil)
	for _, descending := range []bool{false, true} {
		it, err := o.Iterate(nil, nil, descending)
		if err != nil {
			t.Fatal(err)
		}
		o.Put([]byte("d"), []byte("unseen"))
		var got string
		for it.Next() {
			got += string(it.Key()) + "=" + string(it.Value()) + " "
		}
		it.Close()
		o.Clear()
		o.Put([]byte("b"), []byte("new b"))
		o.Delete([]byte("c"))
		o.Put([]byte("bb"), nil)
		want := map[bool]string{false: "a=old a b=new b bb= ", true: "bb= b=new b a=old a "}[descending]
		if got != want {
			t.Errorf("descending %v: got %q, want %q", descending, got, want)
		}
	}
}
