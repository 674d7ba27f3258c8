// Package codec turns the bytes of topics into records, and records into the bytes of topics.
// Serdes do not get null.
package codec

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
)

// Decode returns the handler of a source. Records that cannot be decoded are rejected.
func Decode[K, V any](next node.Handler[K, V], key serdes.Serde[K], value serdes.Serde[V]) topology.Handler {
	var out, null node.Record[K, V]
	readKey, readValue := serdes.Reader(key), serdes.Reader(value)
	null.NullKey, null.NullValue = !node.IsNil(null.Key), !node.IsNil(null.Value)
	return func(r *topology.Record) (err error) {
		out.Key, out.Value, out.NullKey, out.NullValue = null.Key, null.Value, false, false
		if r.Key == nil {
			out.NullKey = null.NullKey
		} else if out.Key, err = readKey(r.Topic, r.Headers, r.Key); err != nil {
			return &topology.Rejection{Stage: topology.Deserialization, Err: fmt.Errorf("key: %w", err)}
		}
		if r.Value == nil {
			out.NullValue = null.NullValue
		} else if out.Value, err = readValue(r.Topic, r.Headers, r.Value); err != nil {
			return &topology.Rejection{Stage: topology.Deserialization, Err: fmt.Errorf("value: %w", err)}
		}
		out.Timestamp, out.Headers = r.Timestamp, r.Headers
		return next(&out)
	}
}

// Timestamps returns the function of a source that finds the timestamps of its records with
// extract. A record that cannot be decoded keeps its timestamp, and is rejected afterwards.
func Timestamps[K, V any](extract func(*node.Record[K, V], time.Time) (time.Time, error), key serdes.Serde[K],
	value serdes.Serde[V]) func(*topology.Record, int64) (int64, error) {
	return func(raw *topology.Record, partition int64) (int64, error) {
		var r *node.Record[K, V]
		keep := func(decoded *node.Record[K, V]) error { r = decoded; return nil }
		if err := Decode(keep, key, value)(raw); err != nil {
			return raw.Timestamp.UnixMilli(), nil
		}
		var latest time.Time
		if partition != topology.NoTime {
			latest = time.UnixMilli(partition).UTC()
		}
		at, err := extract(r, latest)
		return at.UnixMilli(), err
	}
}
