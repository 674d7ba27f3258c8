package global

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/suiro/suiro/stores"
)

// view is the generation of a store that readers see. It stands for a DB that has nothing
// but the store. It is safe for concurrent use.
type view struct {
	db    stores.DB
	store string

	mu     sync.RWMutex // held while a reader reads, so that its generation stays
	number uint64
	source stores.Source
}

var _ stores.DB = (*view)(nil)

// openView returns the view of the generation that was seen last.
func openView(db stores.DB, store string) (*view, error) {
	v := &view{db: db, store: store}
	data, err := db.Get(currentKey(store))
	if err != nil {
		return nil, fmt.Errorf("open global store %s: %w", store, err)
	}
	if len(data) == 8 {
		v.number = binary.BigEndian.Uint64(data)
	}
	v.source = stores.TaskState(db, prefix(v.number))
	return v, nil
}

// Get implements stores.DB.
func (v *view) Get(key []byte) ([]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.source.Get(key)
}

// Iterate implements stores.DB. The iterator sees what there is now.
func (v *view) Iterate(from, to []byte, descending bool) (stores.Iterator, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.source.Iterate(from, to, descending)
}

// errReadOnly is the error of a write to a view.
var errReadOnly = errors.New("a view of a global store is only for reading")

// Apply implements stores.DB. A view is never written.
func (v *view) Apply(*stores.Batch) error { return errReadOnly }

// Close implements stores.DB.
func (v *view) Close() error { return nil }

// current returns the number of the generation that readers see.
func (v *view) current() uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.number
}

// show makes readers see another generation, and deletes the one that they have seen.
func (v *view) show(number uint64, wipe func(b *stores.Batch, number uint64)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b stores.Batch
	b.Put(currentKey(v.store), binary.BigEndian.AppendUint64(nil, number))
	wipe(&b, v.number)
	if err := v.db.Apply(&b); err != nil {
		return fmt.Errorf("write global store %s: %w", v.store, err)
	}
	v.number, v.source = number, stores.TaskState(v.db, prefix(number))
	return nil
}

// prefix is what the DB keys of a generation begin with.
func prefix(number uint64) []byte {
	return stores.TaskPrefix("global " + strconv.FormatUint(number, 10))
}

// currentKey is the DB key of the generation that readers see.
func currentKey(store string) []byte {
	return stores.Key(stores.TaskPrefix("global"), "", []byte("generation "+store))
}
