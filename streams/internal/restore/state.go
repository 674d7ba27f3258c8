package restore

import (
	"encoding/binary"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
)

// StatePrefix is what the keys of all state of a partition begin with in the DB. The
// name of the store follows, which no two subtopologies share: so a store is found
// whatever the number of its subtopology is.
func StatePrefix(partition int32) []byte { return stores.TaskPrefix(strconv.Itoa(int(partition))) }

// StoredOffset returns the offset that a partition of a store has reached in its
// changelog, and whether there is any state of it.
func StoredOffset(db stores.DB, store string, partition int32) (offset int64, ok bool, err error) {
	v, err := db.Get(OffsetKey(store, partition))
	if err != nil || len(v) != 8 {
		return 0, false, err
	}
	return int64(binary.BigEndian.Uint64(v)), true, nil
}

// Size returns about how many bytes a partition of a store has on disk, 0 where the DB
// cannot tell.
func Size(db stores.DB, store string, partition int32) int64 {
	sizer, ok := db.(stores.Sizer)
	if !ok {
		return 0
	}
	from := stores.Key(StatePrefix(partition), store, nil)
	n, err := sizer.Size(from, stores.PrefixEnd(from))
	if err != nil {
		return 0 // it was closed, or it has stopped, which is told elsewhere
	}
	return n
}

// What the keys begin with that the store without a name has of the others.
const (
	offsetOf  = "offset "
	segmentOf = "segment "
	horizonOf = "horizon "
	topicOf   = "topic "
)

// OffsetKey is the key in the DB of the offset that a store has reached. It belongs to the
// store without a name, which has no changelog.
func OffsetKey(store string, partition int32) []byte {
	return stores.Key(StatePrefix(partition), "", []byte(offsetOf+store))
}

// segmentKey is the key in the DB of the segments that a store's keys were written with.
func segmentKey(store string, partition int32) []byte {
	return stores.Key(StatePrefix(partition), "", []byte(segmentOf+store))
}

// HorizonKey is the key in the DB of what is known of the expiry of a changelog.
func HorizonKey(store string, partition int32) []byte {
	return stores.Key(StatePrefix(partition), "", []byte(horizonOf+store))
}

// topicKey is the key in the DB of the id of the changelog that a store's offset is one of.
func topicKey(store string, partition int32) []byte {
	return stores.Key(StatePrefix(partition), "", []byte(topicOf+store))
}

// storedTopic returns that id, and zeros when it is not known.
func storedTopic(db stores.DB, store string, partition int32) (id kadm.TopicID, err error) {
	v, err := db.Get(topicKey(store, partition))
	if err == nil && len(v) == len(id) {
		copy(id[:], v)
	}
	return id, err
}

// Wipe adds to b the deletion of a store.
func Wipe(b *stores.Batch, s kinds.Spec, partition int32) {
	s.DeleteFrom(b, StatePrefix(partition))
	b.Delete(OffsetKey(s.Name, partition))
	b.Delete(HorizonKey(s.Name, partition))
	b.Delete(topicKey(s.Name, partition))
}
