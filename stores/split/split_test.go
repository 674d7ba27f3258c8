package split_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/stores/split"
	"github.com/suiro/suiro/stores/storetest"
)

// Each part alone behaves as a DB does.
func TestParts(t *testing.T) {
	for name, inMemory := range map[string]bool{"in memory": true, "lasting": false} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(*testing.T) stores.DB {
				return split.Open(mem.Open(), func([]byte) bool { return inMemory })
			})
		})
	}
}

// paced is a DB in which only batches that can wait are right.
type paced struct{ stores.DB }

func (paced) Apply(*stores.Batch) error { return errFull }

func (p paced) ApplyPaced(b *stores.Batch) error { return p.DB.Apply(b) }

func TestTheLastingPartIsPaced(t *testing.T) {
	for name, lasting := range map[string]stores.DB{"a pacer": paced{mem.Open()}, "any other": mem.Open()} {
		db := split.Open(lasting, ofM)
		var b stores.Batch
		b.Put([]byte("m1"), []byte("memory"))
		b.Put([]byte("d1"), []byte("disk"))
		if err := db.ApplyPaced(&b); err != nil {
			t.Errorf("%s: ApplyPaced = %v", name, err)
		}
		for _, key := range []string{"m1", "d1"} {
			if got, err := db.Get([]byte(key)); err != nil || got == nil {
				t.Errorf("%s: Get(%s) = %q, %v, want what was applied", name, key, got, err)
			}
		}
	}
}

func ofM(key []byte) bool { return bytes.HasPrefix(key, []byte("m")) }

func TestKeysAreInTheirPart(t *testing.T) {
	lasting := mem.Open()
	db := split.Open(lasting, ofM)
	var b stores.Batch
	b.Put([]byte("m1"), []byte("memory"))
	b.Put([]byte("d1"), []byte("disk"))
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"m1": "memory", "d1": "disk"} {
		if got, err := db.Get([]byte(key)); err != nil || string(got) != want {
			t.Errorf("Get(%s) = %q, %v, want %q", key, got, err, want)
		}
	}
	if got, err := lasting.Get([]byte("m1")); err != nil || got != nil {
		t.Errorf("the lasting part has %q, %v of a key that is in memory", got, err)
	}
	if got, err := lasting.Get([]byte("d1")); err != nil || string(got) != "disk" {
		t.Errorf("the lasting part has %q, %v, want disk", got, err)
	}
	held := db.Memory()
	if least := int64(len("m1memory")); held < least {
		t.Errorf("the memory takes %d bytes, want %d at least", held, least)
	}
	b.Reset()
	b.DeleteRange([]byte("m"), []byte("n"))
	if err := db.Apply(&b); err != nil {
		t.Fatal(err)
	}
	if got := db.Memory(); got != 0 {
		t.Errorf("the empty memory takes %d bytes", got)
	}
}

// refusing is a DB that takes no batch.
type refusing struct{ stores.DB }

var errFull = errors.New("the disk is full")

func (refusing) Apply(*stores.Batch) error { return errFull }

// The memory must not have what the other part has not.
func TestMemoryIsNeverAhead(t *testing.T) {
	db := split.Open(refusing{mem.Open()}, ofM)
	var b stores.Batch
	b.Put([]byte("m1"), []byte("memory"))
	b.Put([]byte("d1"), []byte("disk"))
	if err := db.Apply(&b); !errors.Is(err, errFull) {
		t.Fatalf("Apply = %v, want %v", err, errFull)
	}
	if got, err := db.Get([]byte("m1")); err != nil || got != nil {
		t.Errorf("the memory has %q, %v of a batch that failed", got, err)
	}
}
