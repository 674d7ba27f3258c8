package connect

import (
	"strconv"
	"time"

	"github.com/suiro/suiro/connect/data"
)

// Header is one record header.
type Header struct {
	// Key is the header's name. A record may have several headers of one name.
	Key string
	// Value is what the header converter made of the bytes, and Schema its
	// schema, nil for none.
	Value  any
	Schema *data.Schema
	// Raw are the bytes from Kafka, nil for a header that was not read from Kafka.
	Raw []byte
}

// Record is one message on its way through converters and transforms. A
// transform that changes something returns a copy; it never edits the record.
type Record struct {
	// Topic is the topic that the record was read from or will be written to.
	Topic string
	// Partition is the Kafka partition: of a sink record the one that it was read
	// from, of a source record the one to write it to. A source record mostly leaves
	// it out, and the partitioner chooses by the key.
	Partition Partition
	// Key and Value may be null; the value of a tombstone is.
	Key   Payload
	Value Payload
	// Headers are in the order that the record has them.
	Headers []Header
	// Timestamp is the record's timestamp in Kafka, usually the time of the event;
	// the zero time means none.
	Timestamp time.Time
	// Offset is the record's offset in Kafka, or -1 for a record of a source,
	// which was not read from Kafka.
	Offset int64
}

// SinkRecord is a record read from Kafka. Transforms may have changed its Topic and
// Partition, but never the Original fields, to which all offsets refer.
type SinkRecord struct {
	Record
	// OriginalTopic and OriginalPartition say where the record was read.
	OriginalTopic     string
	OriginalPartition int32
	// Original is the record as it was read, nil when no transform changed it.
	// Dead letters hold it.
	Original *Record
}

// TopicPartition returns where the record was read, before any transform.
func (r *SinkRecord) TopicPartition() TopicPartition {
	return TopicPartition{r.OriginalTopic, r.OriginalPartition}
}

// Rejection is a record that a sink gives up.
type Rejection struct {
	// Record is the record, as it was put.
	Record *SinkRecord
	// Reason is why; it is part of the dead letter. A [*Reason] adds headers.
	Reason error
}

// SourceRecord is a record read from an outside system.
type SourceRecord struct {
	Record
	// SourcePartition names a part of the outside system, and SourceOffset is the
	// position in it after this record, from which a task continues. What they
	// contain is up to the connector; both must have a stable JSON form.
	SourcePartition map[string]any
	SourceOffset    map[string]any
	// Position, if it is not nil, makes SourceOffset, which is nil then. It is for sources
	// of very many records: of most the offset is never kept.
	Position Position
}

// Position makes a source offset once somebody wants to have it, which may be long after
// the poll and in other goroutines.
type Position interface {
	// SourceOffset returns the same offset at each call, in a map that the caller may keep.
	SourceOffset() map[string]any
}

// NextOffset returns the position after this record, from which a task continues: what
// Position makes, or else SourceOffset.
func (r *SourceRecord) NextOffset() map[string]any {
	if r.Position != nil {
		return r.Position.SourceOffset()
	}
	return r.SourceOffset
}

// TopicPartition names a partition of a topic.
type TopicPartition struct {
	// Topic is the topic's name.
	Topic string
	// Partition counts from 0.
	Partition int32
}

// String returns topic-partition, as Kafka writes it in its logs.
func (p TopicPartition) String() string { return p.Topic + "-" + strconv.Itoa(int(p.Partition)) }

// Offsets are Kafka offsets by partition: each is that of the next record to read.
type Offsets map[TopicPartition]int64
