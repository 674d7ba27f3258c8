package streams

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// Serde turns bytes of a topic or store into values and back. It is used by many
// goroutines at the same time. nil bytes are null: a Serde for a type that has no
// null returns the zero value.
type Serde[T any] interface {
	// Serialize returns bytes that are not changed afterwards.
	Serialize(v T) ([]byte, error)
	// Deserialize may return a value that shares memory with data.
	Deserialize(data []byte) (T, error)
}

type serde[T any] struct {
	ser func(T) ([]byte, error)
	de  func([]byte) (T, error)
}

func (s serde[T]) Serialize(v T) ([]byte, error)      { return s.ser(v) }
func (s serde[T]) Deserialize(data []byte) (T, error) { return s.de(data) }

// NewSerde returns the Serde that two functions make.
func NewSerde[T any](serialize func(T) ([]byte, error), deserialize func([]byte) (T, error)) Serde[T] {
	return serde[T]{serialize, deserialize}
}

// Bytes returns the Serde that leaves bytes as they are, uncopied. Those of a record keep
// the whole batch that the record came in: a processor that keeps some beyond its record
// clones them.
func Bytes() Serde[[]byte] {
	same := func(b []byte) ([]byte, error) { return b, nil }
	return serde[[]byte]{same, same}
}

// String returns the Serde of UTF-8 text.
func String() Serde[string] {
	return serde[string]{
		func(s string) ([]byte, error) { return []byte(s), nil },
		func(b []byte) (string, error) { return string(b), nil },
	}
}

// Int64 returns the Serde of Kafka's LongSerializer: eight bytes, big endian.
func Int64() Serde[int64] {
	return serde[int64]{
		func(n int64) ([]byte, error) { return binary.BigEndian.AppendUint64(nil, uint64(n)), nil },
		func(b []byte) (int64, error) {
			if b == nil {
				return 0, nil
			}
			if len(b) != 8 {
				return 0, fmt.Errorf("the data has %d bytes: a long has 8", len(b))
			}
			return int64(binary.BigEndian.Uint64(b)), nil
		},
	}
}

// JSON returns the Serde that uses encoding/json for T.
func JSON[T any]() Serde[T] {
	return serde[T]{
		func(v T) ([]byte, error) { return json.Marshal(v) },
		func(b []byte) (v T, err error) {
			if b == nil {
				return v, nil
			}
			return v, json.Unmarshal(b, &v)
		},
	}
}
