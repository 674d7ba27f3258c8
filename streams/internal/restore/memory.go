package restore

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// Owned returns a function that says whether a key of the DB belongs to one of the named
// stores, or is what the DB has beside the store: its time, and how far it is restored.
func Owned(names []string) func(key []byte) bool {
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	return func(key []byte) bool {
		_, rest, err := stores.SplitKey(key) // the task
		if err != nil || len(rest) == 0 {
			return false
		}
		store, own, err := stores.SplitKey(rest)
		if err != nil {
			return false
		}
		if store == "" {
			_, name, _ := strings.Cut(string(own), " ")
			return known[name]
		}
		return known[strings.TrimPrefix(store, "\x00")]
	}
}

// ForgetMemory gives back the memory of the stores of a task that are kept there, when it
// ends: it may go to another instance, and whoever has it next restores them.
func ForgetMemory(o Options) {
	var b stores.Batch
	for _, s := range o.Stores {
		if s.Place == topology.InMemory {
			Drop(&b, s.Name, o.Partition)
		}
	}
	if b.Len() == 0 {
		return
	}
	if err := o.DB.Apply(&b); err != nil {
		o.Logger.Debug("stores in memory are not given back", "reason", err.Error()) // the process ends
	}
}

// Drop adds to b the deletion of all that a partition has of a store.
func Drop(b *stores.Batch, store string, partition int32) { drop(b, store, StatePrefix(partition)) }

func drop(b *stores.Batch, store string, prefix []byte) {
	kinds.Spec{Name: store}.DeleteFrom(b, prefix)
	for _, of := range []string{offsetOf, segmentOf, horizonOf, topicOf} {
		b.Delete(stores.Key(prefix[:len(prefix):len(prefix)], "", []byte(of+store)))
	}
}

// DropAll deletes what a DB has of the named stores, in all partitions: stores that are in
// memory now must not go on from it when they are on the disk again.
func DropAll(db stores.DB, names []string) error {
	var b stores.Batch
	for at := []byte{0}; at != nil; {
		prefix, err := firstPrefix(db, at)
		if err != nil {
			return err
		}
		if prefix == nil {
			break
		}
		for _, n := range names {
			drop(&b, n, prefix)
		}
		at = stores.PrefixEnd(prefix)
	}
	if b.Len() == 0 {
		return nil
	}
	return db.Apply(&b)
}

// firstPrefix returns what the keys of the first task from a key on begin with, nil when
// there is none.
func firstPrefix(db stores.DB, at []byte) (prefix []byte, err error) {
	it, err := db.Iterate(at, nil, false)
	if err != nil {
		return nil, err
	}
	if it.Next() {
		if n, w := binary.Uvarint(it.Key()); w > 0 && n <= uint64(len(it.Key())-w) {
			prefix = append(prefix, it.Key()[:w+int(n)]...)
		}
	}
	return prefix, errors.Join(it.Err(), it.Close())
}
