package processor

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/streams/topology"
)

// Serde turns keys or values into bytes and back. It does not get null.
type Serde[T any] interface {
	// Serialize returns the bytes of a key or value.
	Serialize(v T) ([]byte, error)
	// Deserialize is the other way.
	Deserialize(data []byte) (T, error)
}

// KeyValue is a key-value store of one task, or a global store, which only its own processor
// writes. It belongs to the task's goroutine.
type KeyValue[K, V any] struct {
	name  string
	read  ranger
	kv    *kinds.KeyValueStore // nil for a global store that is only read
	key   Serde[K]
	value Serde[V]
}

// ranger reads a key-value store.
type ranger interface {
	Get(key []byte) ([]byte, error)
	Range(from, to []byte, descending bool) (stores.Iterator, error)
}

// OpenKeyValue returns the named store of a task, or the global store of that name.
func OpenKeyValue[K, V any](task topology.Context, name string, key Serde[K], value Serde[V]) *KeyValue[K, V] {
	if global := task.Global(name); global != nil {
		return &KeyValue[K, V]{name, global, nil, key, value}
	}
	kv := task.Stores().KeyValue(name)
	return &KeyValue[K, V]{name, kv, kv, key, value}
}

// Get returns the value of a key, and whether there is one.
func (s *KeyValue[K, V]) Get(key K) (value V, ok bool, err error) {
	raw, err := s.raw(key)
	if err != nil {
		return value, false, err
	}
	data, err := s.read.Get(raw)
	if err != nil || data == nil {
		return value, false, err
	}
	value, err = s.value.Deserialize(data)
	return value, err == nil, s.wrong("decode the value of", err)
}

// Put sets the value of a key.
func (s *KeyValue[K, V]) Put(key K, value V) error {
	raw, err := s.writable(key)
	if err != nil {
		return err
	}
	data, err := s.value.Serialize(value)
	if err != nil {
		return s.wrong("encode the value of", err)
	}
	if data == nil {
		data = []byte{}
	}
	s.kv.Put(raw, data)
	return nil
}

// Delete removes a key. It is not an error when there is none.
func (s *KeyValue[K, V]) Delete(key K) error {
	raw, err := s.writable(key)
	if err == nil {
		s.kv.Delete(raw)
	}
	return err
}

// Range calls yield with all keys from from on that are smaller than to, in the order of
// their bytes, until it returns false or an error; nil bounds are open. It may write to the
// store, and does not see that.
func (s *KeyValue[K, V]) Range(from, to *K, yield func(key K, value V) (bool, error)) (err error) {
	return walkRange(s.read, s.key, s.name, from, to, func(key K, data []byte) (bool, error) {
		value, err := s.value.Deserialize(data)
		if err != nil {
			return false, s.wrong("decode a value of", err)
		}
		return yield(key, value)
	})
}

// walkRange calls yield with the keys and the bytes of values of a store; it may keep them.
func walkRange[K any](s ranger, serde Serde[K], name string, from, to *K,
	yield func(key K, value []byte) (bool, error)) error {
	lower, err := bound(serde, name, from)
	if err != nil {
		return err
	}
	upper, err := bound(serde, name, to)
	if err != nil {
		return err
	}
	it, err := s.Range(lower, upper, false)
	if err != nil {
		return err
	}
	err = walk(it, serde, name, yield)
	return errors.Join(err, it.Err(), it.Close())
}

// bound encodes the bound of a range, nil for none.
func bound[K any](serde Serde[K], name string, key *K) ([]byte, error) {
	if key == nil {
		return nil, nil
	}
	raw, err := serde.Serialize(*key)
	if err != nil {
		return nil, fmt.Errorf("encode a key of store %s: %w", name, err)
	}
	return append([]byte{}, raw...), nil // a Serde may work in the same memory
}

func walk[K any](it stores.Iterator, serde Serde[K], name string, yield func(key K, value []byte) (bool, error)) error {
	for it.Next() {
		key, err := serde.Deserialize(append([]byte{}, it.Key()...))
		if err != nil {
			return fmt.Errorf("decode a key of store %s: %w", name, err)
		}
		if more, err := yield(key, append([]byte{}, it.Value()...)); err != nil || !more {
			return err
		}
	}
	return nil
}

// writable encodes a key of a store that may be written.
func (s *KeyValue[K, V]) writable(key K) ([]byte, error) {
	if s.kv == nil {
		return nil, fmt.Errorf("write to global store %s: only its own processor may: keep what the task writes in a "+
			"store of its own", s.name)
	}
	return s.raw(key)
}

func (s *KeyValue[K, V]) raw(key K) ([]byte, error) {
	raw, err := s.key.Serialize(key)
	return raw, s.wrong("encode a key of", err)
}

func (s *KeyValue[K, V]) wrong(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s store %s: %w", what, s.name, err)
}
