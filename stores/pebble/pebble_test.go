package pebble_test

import (
	"testing"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/pebble"
	"github.com/suiro/suiro/stores/storetest"
)

// small makes tables so small that the tests flush and compact.
var small = pebble.Options{CacheBytes: 1 << 20, MemTableBytes: 256 << 10}

func open(t *testing.T, dir string) stores.DB {
	t.Helper()
	db, err := pebble.Open(dir, &small)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) stores.DB { return open(t, t.TempDir()) })
}
