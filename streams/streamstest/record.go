package streamstest

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams"
)

// Record is one record of a topic.
type Record struct {
	// Key chooses the partition. Default: null.
	Key []byte
	// Value is the record's value. Default: null.
	Value []byte
	// Timestamp is the record's event time. Default: the driver's time.
	Timestamp time.Time
	// Headers are the record's headers. Default: none.
	Headers []streams.Header
	// Partition is set in records that are read.
	Partition int32
	// Offset is set in records that are read.
	Offset int64
}

func (r Record) kafka(topic string, partition int32, now time.Time) *kgo.Record {
	k := &kgo.Record{Topic: topic, Partition: partition, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}
	if k.Timestamp.IsZero() {
		k.Timestamp = now
	}
	k.Timestamp = time.UnixMilli(k.Timestamp.UnixMilli()).UTC()
	for _, h := range r.Headers {
		k.Headers = append(k.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
	}
	return k
}

func fromKafka(k *kgo.Record) Record {
	r := Record{Key: k.Key, Value: k.Value, Timestamp: k.Timestamp, Partition: k.Partition, Offset: k.Offset}
	for _, h := range k.Headers {
		r.Headers = append(r.Headers, streams.Header{Key: h.Key, Value: h.Value})
	}
	return r
}

// InputTopic sends typed records.
type InputTopic[K, V any] struct {
	driver *Driver
	topic  string
	key    streams.Serde[K]
	value  streams.Serde[V]
}

// Input returns a way to send typed records to a topic.
func Input[K, V any](d *Driver, topic string, key streams.Serde[K], value streams.Serde[V]) *InputTopic[K, V] {
	return &InputTopic[K, V]{d, topic, key, value}
}

// Send sends a record with the driver's time; see [Driver.Send].
func (in *InputTopic[K, V]) Send(key K, value V) error { return in.SendAt(time.Time{}, key, value) }

// SendAt sends a record with a timestamp.
func (in *InputTopic[K, V]) SendAt(timestamp time.Time, key K, value V) error {
	k, err := in.key.Serialize(key)
	if err != nil {
		return err
	}
	v, err := in.value.Serialize(value)
	if err != nil {
		return err
	}
	return in.driver.Send(in.topic, Record{Key: k, Value: v, Timestamp: timestamp})
}

// OutputTopic reads typed records.
type OutputTopic[K, V any] struct {
	driver *Driver
	topic  string
	key    streams.Serde[K]
	value  streams.Serde[V]
}

// Output returns a way to read typed records of a topic.
func Output[K, V any](d *Driver, topic string, key streams.Serde[K], value streams.Serde[V]) *OutputTopic[K, V] {
	return &OutputTopic[K, V]{d, topic, key, value}
}

// Read returns what [Driver.Read] does, decoded.
func (out *OutputTopic[K, V]) Read() ([]streams.Record[K, V], error) {
	var records []streams.Record[K, V]
	for _, r := range out.driver.Read(out.topic) {
		key, err := out.key.Deserialize(r.Key)
		if err != nil {
			return records, err
		}
		value, err := out.value.Deserialize(r.Value)
		if err != nil {
			return records, err
		}
		records = append(records, streams.Record[K, V]{
			Key: key, Value: value, Timestamp: r.Timestamp, Headers: r.Headers,
		})
	}
	return records, nil
}
