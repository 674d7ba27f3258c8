package streams

import "github.com/suiro/suiro/streams/serdes"

// Serde turns bytes of a topic or store into values and back. Package serdes has one for
// each type that Kafka has one for, and more.
type Serde[T any] = serdes.Serde[T]

// NewSerde returns the Serde that two functions make.
func NewSerde[T any](serialize func(T) ([]byte, error), deserialize func([]byte) (T, error)) Serde[T] {
	return serdes.New(serialize, deserialize)
}

// Bytes is [serdes.Bytes].
func Bytes() Serde[[]byte] { return serdes.Bytes() }

// String is [serdes.String].
func String() Serde[string] { return serdes.String() }

// Int64 is [serdes.Int64].
func Int64() Serde[int64] { return serdes.Int64() }

// JSON is [serdes.JSON].
func JSON[T any]() Serde[T] { return serdes.JSON[T]() }
