package formats

import (
	"encoding/binary"
	"fmt"
)

// checkpointVersion is the only version of the value that there is.
const checkpointVersion = 0

// Checkpoint says where a consumer group is in a partition upstream, and where it would go on
// downstream.
type Checkpoint struct {
	// Group is the consumer group.
	Group string
	// Topic and Partition are downstream.
	Topic     string
	Partition int32
	// Upstream and Downstream are the next offsets to read.
	Upstream, Downstream int64
	// Metadata is what the group has committed beside its offset.
	Metadata string
}

// Record returns the key and the value of the record that holds the checkpoint. The error is of a text
// that is longer than the format has room for.
func (c Checkpoint) Record() (key, value []byte, err error) {
	if key, err = appendText(nil, c.Group); err == nil {
		key, err = appendText(key, c.Topic)
	}
	key = binary.BigEndian.AppendUint32(key, uint32(c.Partition))
	value = binary.BigEndian.AppendUint16(nil, checkpointVersion)
	value = binary.BigEndian.AppendUint64(value, uint64(c.Upstream))
	value = binary.BigEndian.AppendUint64(value, uint64(c.Downstream))
	if err == nil {
		value, err = appendText(value, c.Metadata)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("encode a checkpoint: %w", err)
	}
	return key, value, nil
}

// ParseCheckpoint reads the key and the value of a record that holds a checkpoint.
func ParseCheckpoint(key, value []byte) (c Checkpoint, err error) {
	k, v := fields{rest: key}, fields{rest: value}
	c.Group, c.Topic, c.Partition = k.text(), k.text(), k.int32()
	version := v.int16()
	c.Upstream, c.Downstream, c.Metadata = v.int64(), v.int64(), v.text()
	switch {
	case k.err != nil:
		return Checkpoint{}, fmt.Errorf("key of a checkpoint: %w", k.err)
	case v.err != nil:
		return Checkpoint{}, fmt.Errorf("value of a checkpoint: %w", v.err)
	case version != checkpointVersion:
		return Checkpoint{}, fmt.Errorf("checkpoint of version %d: only version %d is known", version, checkpointVersion)
	}
	return c, nil
}
