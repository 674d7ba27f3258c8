package serdes

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/suiro/suiro/streams/internal/node"
)

// List returns the Serde of Kafka's ListSerde: of the values of inner one after the other.
//
//	0 | 4 bytes number of nulls | 4 bytes index of each | 4 bytes length | values     of Int16, Int32, Int64,
//	                                                                       Float32, Float64 and UUID
//	1 | 4 bytes length | for each: 4 bytes size, -1 for null | value                  of others
//
// A value that is nil is null. A list with null in it cannot be read as a list of values
// that have no nil, such as numbers.
func List[T any](inner Serde[T]) Serde[[]T] {
	l := list[T]{inner: inner}
	if f, ok := inner.(interface{ fixed() int }); ok {
		l.size = f.fixed()
	}
	return plain[[]T]{ser: l.serialize, de: l.deserialize}
}

// The strategies of a list, and the size of null in the second one.
const (
	constantSize = 0
	variableSize = 1
	nullSize     = -1
)

type list[T any] struct {
	inner Serde[T]
	size  int // of each value, 0 when they differ
}

func (l list[T]) serialize(values []T) (data []byte, err error) {
	if l.size > 0 {
		data = binary.BigEndian.AppendUint32([]byte{constantSize}, 0) // such values have no nil
	} else {
		data = []byte{variableSize}
	}
	data = binary.BigEndian.AppendUint32(data, uint32(len(values)))
	for i, v := range values {
		if l.size == 0 && node.IsNil(v) {
			data = binary.BigEndian.AppendUint32(data, math.MaxUint32)
			continue
		}
		one, err := l.inner.Serialize(v)
		if err != nil {
			return nil, fmt.Errorf("value %d of the list: %w", i, err)
		}
		if l.size == 0 {
			data = binary.BigEndian.AppendUint32(data, uint32(len(one)))
		}
		data = append(data, one...)
	}
	return data, nil
}

var errList = errors.New("the data is not a list of Kafka's ListSerializer")

func (l list[T]) deserialize(data []byte) ([]T, error) {
	if len(data) == 0 || data[0] > variableSize {
		return nil, fmt.Errorf("%w: it begins with neither 0 nor 1", errList)
	}
	r := listReader{data: data[1:]}
	constant := data[0] == constantSize
	if constant != (l.size > 0) {
		return nil, fmt.Errorf("%w for these values: its values have the other kind of size", errList)
	}
	if constant {
		if nulls := r.int32(); nulls != 0 {
			return nil, fmt.Errorf("the list has %d nulls, which its values have no place for", nulls)
		}
	}
	n := int(r.int32())
	least := cmp.Or(l.size, 4) // bytes of a value
	if !r.short && (n < 0 || n > len(r.data)/least) {
		return nil, fmt.Errorf("%w: it cannot have %d values in %d bytes", errList, n, len(r.data))
	}
	values := make([]T, 0, max(n, 0))
	for i := 0; i < n && !r.short; i++ {
		v, err := l.one(&r, i)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	if r.short || len(r.data) > 0 {
		return nil, fmt.Errorf("%w: its length is wrong", errList)
	}
	return values, nil
}

// one reads a value.
func (l list[T]) one(r *listReader, i int) (v T, err error) {
	size := l.size
	if size == 0 {
		size = int(r.int32())
	}
	switch {
	case size == nullSize && node.IsNil(v):
		return v, nil
	case size == nullSize:
		return v, fmt.Errorf("value %d of the list is null, which its values have no place for", i)
	case size < 0:
		return v, fmt.Errorf("%w: value %d has %d bytes", errList, i, size)
	}
	data := r.take(size)
	if r.short {
		return v, nil
	}
	if v, err = l.inner.Deserialize(data); err != nil {
		return v, fmt.Errorf("value %d of the list: %w", i, err)
	}
	return v, nil
}

// listReader takes a list apart from the front.
type listReader struct {
	data  []byte
	short bool // whether something is missing
}

func (r *listReader) take(n int) []byte {
	if r.short || n > len(r.data) {
		r.short = true
		return nil
	}
	part := r.data[:n:n]
	r.data = r.data[n:]
	return part
}

func (r *listReader) int32() int32 {
	if b := r.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}
