package join

import (
	"fmt"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/internal/node"
	"github.com/suiro/suiro/streams/topology"
)

// Resolver joins the answers with the left table. W are the values of the right table.
type Resolver[K, V, W, O any] struct {
	// Context is the task.
	Context Context
	// Left keeps rows that refer to nothing. Default: they are left out.
	Left bool
	// Get reads the left table.
	Get Getter[K, V]
	// Key, Value and Right read and write keys and values of both tables.
	Key   Serde[K]
	Value Serde[V]
	Right Serde[W]
	// Owe is that of the [Subscriber].
	Owe func(key K, primary []byte, headers []topology.Header)
	// Join makes the results.
	Join Joiner[V, W, O]
	// Next takes the results: a null value deletes a key.
	Next node.Handler[K, O]

	out node.Record[K, O]
}

// Process takes a record of the topic of answers.
func (l *Resolver[K, V, W, O]) Process(r *topology.Record) error {
	answer, err := format.ParseSubscriptionResponse(r.Value)
	if err != nil {
		return &topology.Rejection{Stage: topology.Deserialization, Err: err}
	}
	key, err := l.Key.Deserialize(r.Key)
	if err != nil {
		return &topology.Rejection{Stage: topology.Deserialization, Err: fmt.Errorf("key: %w", err)}
	}
	row, err := l.Get(key)
	if err != nil {
		return err
	}
	current, err := l.current(row, answer.Hash)
	if err != nil {
		return err
	}
	if !current {
		l.Context.Drop()
		if answer.Value == nil && (!l.Left || answer.Hash == nil) {
			l.Owe(key, r.Key, r.Headers)
		}
		return nil
	}
	l.out = node.Record[K, O]{Key: key, NullValue: true, Timestamp: r.Timestamp, Headers: r.Headers}
	if row.Found && (answer.Value != nil || l.Left) {
		if err := l.join(row, answer.Value); err != nil {
			return err
		}
	}
	return l.Next(&l.out)
}

// current reports whether an answer is one for the row that there is.
func (l *Resolver[K, V, W, O]) current(row Row[V], hash *format.Hash) (bool, error) {
	if !row.Found || hash == nil {
		return !row.Found && hash == nil, nil
	}
	data, err := encode(l.Value, row.Value, "value")
	return err == nil && format.HashOf(data) == *hash, err
}

func (l *Resolver[K, V, W, O]) join(row Row[V], answer []byte) (err error) {
	var right W
	if answer != nil {
		if right, err = l.Right.Deserialize(answer); err != nil {
			return &topology.Rejection{Stage: topology.Deserialization, Err: fmt.Errorf("value: %w", err)}
		}
	}
	l.out.Value, err = l.Join(row.Value, right, true, answer != nil)
	l.out.NullValue = false
	return err
}
