package serdes

// Serde turns bytes of a topic or store into values and back. It is used by many
// goroutines at the same time. It never sees null.
type Serde[T any] interface {
	// Serialize returns bytes that are not changed afterwards.
	Serialize(v T) ([]byte, error)
	// Deserialize may return a value that shares memory with data. An error says that
	// the record cannot be read: it is rejected.
	Deserialize(data []byte) (T, error)
}

// plain is a Serde of two functions.
type plain[T any] struct {
	ser  func(T) ([]byte, error)
	de   func([]byte) (T, error)
	size int // of all values, 0 when they differ
}

func (s plain[T]) Serialize(v T) ([]byte, error)      { return s.ser(v) }
func (s plain[T]) Deserialize(data []byte) (T, error) { return s.de(data) }

// fixed returns the size that all values have, 0 when they differ.
func (s plain[T]) fixed() int { return s.size }

// New returns the Serde that two functions make.
func New[T any](serialize func(T) ([]byte, error), deserialize func([]byte) (T, error)) Serde[T] {
	return plain[T]{ser: serialize, de: deserialize}
}

// Converted returns the Serde of another type with the bytes of s, such as a struct of
// yours for what Avro reads.
func Converted[A, B any](s Serde[A], to func(A) (B, error), from func(B) (A, error)) Serde[B] {
	return plain[B]{
		ser: func(v B) ([]byte, error) {
			inner, err := from(v)
			if err != nil {
				return nil, err
			}
			return s.Serialize(inner)
		},
		de: func(data []byte) (v B, err error) {
			inner, err := s.Deserialize(data)
			if err != nil {
				return v, err
			}
			return to(inner)
		},
	}
}
