package serdes

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
)

// Bytes returns the Serde that leaves bytes as they are, uncopied. Those of a record keep
// the whole batch that the record came in: a processor that keeps some beyond its record
// clones them.
func Bytes() Serde[[]byte] {
	same := func(b []byte) ([]byte, error) { return b, nil }
	return plain[[]byte]{ser: same, de: same}
}

// String returns the Serde of UTF-8 text. Bytes that are not UTF-8 stay as they are, where
// Java would replace them.
func String() Serde[string] {
	return plain[string]{
		ser: func(s string) ([]byte, error) { return []byte(s), nil },
		de:  func(b []byte) (string, error) { return string(b), nil },
	}
}

// Int16 returns the Serde of Kafka's ShortSerializer: two bytes, big endian.
func Int16() Serde[int16] {
	return number("a short", 2,
		func(n int16) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) },
		func(b []byte) int16 { return int16(binary.BigEndian.Uint16(b)) })
}

// Int32 returns the Serde of Kafka's IntegerSerializer: four bytes, big endian.
func Int32() Serde[int32] {
	return number("an integer", 4,
		func(n int32) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) },
		func(b []byte) int32 { return int32(binary.BigEndian.Uint32(b)) })
}

// Int64 returns the Serde of Kafka's LongSerializer: eight bytes, big endian.
func Int64() Serde[int64] {
	return number("a long", 8,
		func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) },
		func(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) })
}

// Float32 returns the Serde of Kafka's FloatSerializer: four bytes of IEEE 754, big endian.
func Float32() Serde[float32] {
	return number("a float", 4,
		func(n float32) []byte { return binary.BigEndian.AppendUint32(nil, math.Float32bits(n)) },
		func(b []byte) float32 { return math.Float32frombits(binary.BigEndian.Uint32(b)) })
}

// Float64 returns the Serde of Kafka's DoubleSerializer: eight bytes of IEEE 754, big
// endian.
func Float64() Serde[float64] {
	return number("a double", 8,
		func(n float64) []byte { return binary.BigEndian.AppendUint64(nil, math.Float64bits(n)) },
		func(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) })
}

// number returns the Serde of a type whose values all have one size.
func number[T any](name string, size int, put func(T) []byte, get func([]byte) T) Serde[T] {
	return plain[T]{
		ser: func(n T) ([]byte, error) { return put(n), nil },
		de: func(b []byte) (n T, err error) {
			if b == nil {
				return n, nil
			}
			if len(b) != size {
				return n, fmt.Errorf("the data has %d bytes: %s has %d", len(b), name, size)
			}
			return get(b), nil
		},
		size: size,
	}
}

// Bool returns the Serde of Kafka's BooleanSerializer: one byte, 1 or 0.
func Bool() Serde[bool] {
	return plain[bool]{
		ser: func(v bool) ([]byte, error) {
			if v {
				return []byte{1}, nil
			}
			return []byte{0}, nil
		},
		de: func(b []byte) (bool, error) {
			if len(b) != 1 || b[0] > 1 {
				return false, fmt.Errorf("the data is %.16x: a boolean is one byte, 0 or 1", b)
			}
			return b[0] == 1, nil
		},
	}
}

// uuidLen is the length of a UUID as text, with its four hyphens.
const uuidLen = 36

// UUID returns the Serde of Kafka's UUIDSerializer: text as in
// 123e4567-e89b-12d3-a456-426614174000. T is the type of the package that your program
// makes them with.
func UUID[T ~[16]byte]() Serde[T] {
	return plain[T]{
		ser: func(id T) ([]byte, error) {
			text := make([]byte, uuidLen)
			text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
			from := 0
			for _, to := range uuidParts {
				n := hex.Encode(text[to[0]:to[1]], id[from:from+(to[1]-to[0])/2])
				from += n / 2
			}
			return text, nil
		},
		de:   readUUID[T],
		size: uuidLen,
	}
}

// uuidParts are where the digits between the hyphens begin and end.
var uuidParts = [...][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}}

func readUUID[T ~[16]byte](text []byte) (id T, err error) {
	wrong := fmt.Errorf("the data is %.40q: a UUID is 32 hexadecimal digits with hyphens, 8-4-4-4-12", text)
	if len(text) != uuidLen || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, wrong
	}
	from := 0
	for _, part := range uuidParts {
		n, err := hex.Decode(id[from:], text[part[0]:part[1]])
		if err != nil {
			return T{}, wrong
		}
		from += n
	}
	return id, nil
}
