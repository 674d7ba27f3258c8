package table

import (
	"bytes"
	"fmt"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/internal/aggregate"
	"github.com/suiro/suiro/streams/internal/node"
)

// Grouped gives the rows of a table another key and value, in one task, for their
// repartition topic.
type Grouped[K, V, K2, V2 any] struct {
	// Map makes the key and value of a row.
	Map func(K, V) (K2, V2, error)
	// Key encodes the new keys, to compare them.
	Key func(K2) ([]byte, error)
	// Versioned leaves out changes that a later one has overtaken.
	Versioned bool
	// Next takes the changes.
	Next node.Handler[K2, node.Change[V2]]

	out node.Record[K2, node.Change[V2]]
}

// row is what Map makes.
type row[K, V any] struct {
	key   K
	value V
	has   bool
}

// Process takes a change. Where the key stays the same there is one change of it,
// otherwise one of the old key and then one of the new.
func (n *Grouped[K, V, K2, V2]) Process(r *node.Record[K, node.Change[V]]) error {
	if n.Versioned && r.Value.Stale {
		return nil // which Kafka Streams does not count as dropped either
	}
	was, err := n.row(r.Key, r.Value.Old, r.Value.HasOld)
	if err != nil {
		return err
	}
	is, err := n.row(r.Key, r.Value.New, r.Value.HasNew)
	if err != nil {
		return err
	}
	n.out.Timestamp, n.out.Headers = r.Timestamp, r.Headers
	same, err := n.same(was, is)
	if err != nil {
		return err
	}
	if same {
		return n.forward(is.key, node.Change[V2]{New: is.value, HasNew: true, Old: was.value, HasOld: true})
	}
	if was.has {
		if err := n.forward(was.key, node.Change[V2]{Old: was.value, HasOld: true}); err != nil {
			return err
		}
	}
	if is.has {
		return n.forward(is.key, node.Change[V2]{New: is.value, HasNew: true})
	}
	return nil
}

func (n *Grouped[K, V, K2, V2]) forward(key K2, c node.Change[V2]) error {
	n.out.Key, n.out.Value = key, c
	return n.Next(&n.out)
}

func (n *Grouped[K, V, K2, V2]) row(key K, value V, has bool) (out row[K2, V2], err error) {
	if !has {
		return out, nil
	}
	out.key, out.value, err = n.Map(key, value)
	out.has = !node.IsNil(out.key) && !node.IsNil(out.value)
	return out, err
}

// same reports whether both rows are there and have one key.
func (n *Grouped[K, V, K2, V2]) same(was, is row[K2, V2]) (bool, error) {
	if !was.has || !is.has {
		return false, nil
	}
	a, err := aggregate.RawKey(n.Key, was.key)
	if err != nil {
		return false, err
	}
	a = append([]byte(nil), a...) // a Serde may work in the same memory
	b, err := aggregate.RawKey(n.Key, is.key)
	return bytes.Equal(a, b), err
}

// AppendChange encodes a change as Kafka Streams' ChangedSerializer does.
func AppendChange[V any](c node.Change[V], serialize func(V) ([]byte, error)) ([]byte, error) {
	var f format.Change
	for _, v := range []struct {
		to    *[]byte
		value V
		has   bool
	}{{&f.Old, c.Old, c.HasOld}, {&f.New, c.New, c.HasNew}} {
		if !v.has {
			continue
		}
		data, err := serialize(v.value)
		if err != nil {
			return nil, err
		}
		*v.to = append([]byte{}, data...)
	}
	return f.Append(nil)
}

// ParseChange decodes what AppendChange has encoded.
func ParseChange[V any](data []byte, deserialize func([]byte) (V, error)) (c node.Change[V], err error) {
	f, err := format.ParseChange(data)
	if err != nil {
		return c, fmt.Errorf("decode a change: %w", err)
	}
	c.HasOld, c.HasNew, c.Stale = f.Old != nil, f.New != nil, f.Outdated
	if c.HasOld {
		if c.Old, err = deserialize(f.Old); err != nil {
			return c, err
		}
	}
	if c.HasNew {
		c.New, err = deserialize(f.New)
	}
	return c, err
}
