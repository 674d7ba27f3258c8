package codec

import (
	"fmt"

	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/serdes"
	"github.com/suiro/suiro/streams/topology"
)

// Output is how records are written.
type Output[K, V any] struct {
	// Key and Value encode them.
	Key   serdes.Serde[K]
	Value serdes.Serde[V]
	// Topic is where they go.
	Topic string
	// Choose chooses the topic of a record. Default nil: it is Topic.
	Choose func(r *node.Record[K, V], from topology.Position) (string, error)
	// Partition chooses the partition. Default nil: the key does.
	Partition func(topic string, key K, value V, partitions int) int32
}

// Open returns the handler that writes records in one task.
func (o *Output[K, V]) Open(ctx topology.Context) node.Handler[K, V] {
	writeKey, writeValue := serdes.Writer(o.Key), serdes.Writer(o.Value)
	return func(r *node.Record[K, V]) error {
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
func (o *Output[K, V]) place(ctx topology.Context, r *node.Record[K, V]) (topic string, partition int32, err error) {
	topic, partition = o.Topic, -1
	if o.Choose != nil {
		if topic, err = o.Choose(r, ctx.Position()); err != nil {
			return "", 0, err
		}
		if err := topology.CheckName(topic); err != nil {
			return "", 0, &topology.Rejection{Stage: topology.Production, Topic: topic,
				Err: fmt.Errorf("choose a topic: %w", err)}
		}
	}
	if o.Partition == nil {
		return topic, partition, nil
	}
	n, err := ctx.Partitions(topic)
	if err != nil {
		return "", 0, err
	}
	if partition = max(o.Partition(topic, r.Key, r.Value, n), -1); int(partition) >= n {
		return "", 0, &topology.Rejection{Stage: topology.Production, Topic: topic, Err: fmt.Errorf(
			"the partitioner chose partition %d of topic %s, which has %d", partition, topic, n)}
	}
	return topic, partition, nil
}
