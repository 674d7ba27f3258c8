package streams

import (
	"fmt"

	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
)

// Position is a place in a topic.
type Position = topology.Position

// output is how records are written.
type output[K, V any] struct {
	key   Serde[K]
	value Serde[V]
	topic string
	// choose chooses the topic of a record. Default nil: it is topic.
	choose func(r *Record[K, V], from Position) (string, error)
	// partition chooses the partition. Default nil: the key does.
	partition func(topic string, key K, value V, partitions int) int32
}

// open returns the handler that writes records in one task. Serdes do not get null.
func (o *output[K, V]) open(ctx topology.Context) handler[K, V] {
	writeKey, writeValue := serdes.Writer(o.key), serdes.Writer(o.value)
	return func(r *Record[K, V]) error {
		topic, partition, err := o.place(ctx, r)
		if err != nil {
			return err
		}
		var k, v []byte
		headers := r.Headers
		if !r.KeyIsNull() {
			if k, headers, err = writeKey(topic, headers, r.Key); err != nil {
				return &topology.Rejection{Stage: topology.Production, Topic: topic, Err: fmt.Errorf("key: %w", err)}
			}
		}
		if !r.ValueIsNull() {
			if v, headers, err = writeValue(topic, headers, r.Value); err != nil {
				return &topology.Rejection{Stage: topology.Production, Topic: topic, Err: fmt.Errorf("value: %w", err)}
			}
		}
		return ctx.EmitTo(topic, partition, k, v, r.Timestamp, headers)
	}
}

// place returns where a record goes, -1 for the partition of its key.
func (o *output[K, V]) place(ctx topology.Context, r *Record[K, V]) (topic string, partition int32, err error) {
	topic, partition = o.topic, -1
	if o.choose != nil {
		if topic, err = o.choose(r, ctx.Position()); err != nil {
			return "", 0, err
		}
		if err := topology.CheckName(topic); err != nil {
			return "", 0, &topology.Rejection{Stage: topology.Production, Topic: topic,
				Err: fmt.Errorf("choose a topic: %w", err)}
		}
	}
	if o.partition == nil {
		return topic, partition, nil
	}
	n, err := ctx.Partitions(topic)
	if err != nil {
		return "", 0, err
	}
	if partition = max(o.partition(topic, r.Key, r.Value, n), -1); int(partition) >= n {
		return "", 0, &topology.Rejection{Stage: topology.Production, Topic: topic, Err: fmt.Errorf(
			"the partitioner chose partition %d of topic %s, which has %d", partition, topic, n)}
	}
	return topic, partition, nil
}
