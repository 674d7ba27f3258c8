package storetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/suiro/suiro/stores"
)

// testConcurrency has writers put the same number under two keys in each
// batch, and readers that must never see two different ones.
func testConcurrency(t *testing.T, db stores.DB) {
	const writers, batches = 2, 300
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() { writePairs(t, db, w, batches) })
	}
	for range 2 {
		reading.Go(func() {
			for {
				readPairs(t, db, writers)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	for w := range writers {
		value := get(t, db, fmt.Sprintf("%d a", w))
		if got := binary.BigEndian.Uint64(value); got != batches-1 {
			t.Errorf("writer %d left %d, want %d", w, got, batches-1)
		}
	}
}

func writePairs(t *testing.T, db stores.DB, writer, batches int) {
	prefix := fmt.Sprintf("%d ", writer)
	for i := range batches {
		n := binary.BigEndian.AppendUint64(nil, uint64(i))
		var b stores.Batch
		b.DeleteRange([]byte(prefix), stores.PrefixEnd([]byte(prefix)))
		b.Put([]byte(prefix+"a"), n)
		b.Put([]byte(prefix+"b"), n)
		if err := db.Apply(&b); err != nil {
			t.Error(err)
			return
		}
	}
}

func readPairs(t *testing.T, db stores.DB, writers int) {
	for w := range writers {
		prefix := fmt.Appendf(nil, "%d ", w)
		it, err := db.Iterate(prefix, stores.PrefixEnd(prefix), w%2 == 1)
		if err != nil {
			t.Error(err)
			return
		}
		var values []string
		for it.Next() {
			values = append(values, string(it.Value()))
		}
		if err := errors.Join(it.Err(), it.Close()); err != nil {
			t.Error(err)
		}
		if len(values) != 0 && (len(values) != 2 || values[0] != values[1]) {
			t.Errorf("reader saw %q, want both values of one batch", values)
		}
	}
}
