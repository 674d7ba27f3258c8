package connect

import (
	"strconv"
	"time"

	"github.com/suiro/suiro/connect/data"
)

// Header is one record header.
type Header struct {
	// Key is the header's name. A record may have several of one name.
	Key string
	// Value is what the header converter made of the bytes, with its schema, or
	// nil for none.
	Value  any
	Schema *data.Schema
	// Raw are the bytes as they came from Kafka, nil for a header made here.
	Raw []byte
}

// Record is one message on its way through converters and transforms. A
// transform that changes something returns a copy; it never edits r.
type Record struct {
	// Topic is where the record was read, or where it is to be written.
	Topic string
	// Partition is the Kafka partition, or -1 to let the partitioner choose.
	Partition int32
	// Key and Value may be null, a tombstone's value always is.
	Key   Payload
	Value Payload
	// Headers are in the order of the record.
	Headers []Header
	// Timestamp is the event time; the zero time means none.
	Timestamp time.Time
	// Offset is the record's own in Kafka, or -1 for a record that was not read
	// from Kafka but made by a source.
	Offset int64
}

// SinkRecord is a record read from Kafka. Topic and Partition may have been
// changed by transforms; the Original fields never are, and offsets are always
// told in their terms.
type SinkRecord struct {
	Record
	// OriginalTopic and OriginalPartition are where the record was read.
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

// SourceRecord is a record read from an outside system.
type SourceRecord struct {
	Record
	// SourcePartition names a part of the outside system; SourceOffset is the
	// position to go on from after this record. Both have a stable JSON form
	// and belong to the connector.
	SourcePartition map[string]any
	SourceOffset    map[string]any
}

// TopicPartition names a partition of a topic.
type TopicPartition struct {
	// Topic is the topic's name.
	Topic string
	// Partition counts from 0.
	Partition int32
}

// String is topic-partition, as Kafka's own logs have it.
func (p TopicPartition) String() string { return p.Topic + "-" + strconv.Itoa(int(p.Partition)) }

// Offsets are Kafka offsets: the next record to read, by partition.
type Offsets map[TopicPartition]int64
