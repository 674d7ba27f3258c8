package formats

import (
	"encoding/binary"
	"fmt"
)

// OffsetSync says that the record at one offset of a partition upstream is the record at another
// offset of its mirror downstream.
type OffsetSync struct {
	// Topic and Partition are upstream.
	Topic     string
	Partition int32
	// Upstream and Downstream are the offsets of the record.
	Upstream, Downstream int64
}

// Record returns the key and the value of the record that holds the sync. The error is of a topic
// whose name is longer than any in Kafka.
func (s OffsetSync) Record() (key, value []byte, err error) {
	key, err = appendText(make([]byte, 0, 2+len(s.Topic)+4), s.Topic)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the offset sync of a topic: %w", err)
	}
	key = binary.BigEndian.AppendUint32(key, uint32(s.Partition))
	value = binary.BigEndian.AppendUint64(make([]byte, 0, 16), uint64(s.Upstream))
	return key, binary.BigEndian.AppendUint64(value, uint64(s.Downstream)), nil
}

// ParseOffsetSync reads the key and the value of a record that holds a sync.
func ParseOffsetSync(key, value []byte) (s OffsetSync, err error) {
	k, v := fields{rest: key}, fields{rest: value}
	s.Topic, s.Partition = k.text(), k.int32()
	s.Upstream, s.Downstream = v.int64(), v.int64()
	switch {
	case k.err != nil:
		return OffsetSync{}, fmt.Errorf("key of an offset sync: %w", k.err)
	case v.err != nil:
		return OffsetSync{}, fmt.Errorf("value of an offset sync: %w", v.err)
	}
	return s, nil
}
