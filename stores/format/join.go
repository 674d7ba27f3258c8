package format

import "slices"

// JoinKey is the key of a record of a stream that waits for the other side of a left or
// outer join (KIP-633, Kafka Streams' TimestampedKeyAndJoinSideSerializer).
//
//	8 bytes timestamp | 1 for the left side, 0 for the right | key
type JoinKey struct {
	// Timestamp is the record's, in milliseconds since 1970.
	Timestamp int64
	// Left is whether the record is of the left stream.
	Left bool
	// Key is the record's key.
	Key []byte
}

// Append appends the bytes of k.
func (k JoinKey) Append(dst []byte) []byte {
	return append(append(appendInt64(dst, k.Timestamp), side(k.Left)), k.Key...)
}

// ParseJoinKey takes apart what [JoinKey.Append] has written.
func ParseJoinKey(data []byte) (JoinKey, error) {
	r := reader{what: "key of a waiting record", data: data}
	k := JoinKey{Timestamp: r.int64(), Left: readSide(&r), Key: r.rest(0)}
	return k, r.end()
}

// JoinValue is the value of a record that waits for the other side of a join (Kafka
// Streams' LeftOrRightValueSerializer).
//
//	1 for the left side, 0 for the right | value
type JoinValue struct {
	// Left is whether the value is of the left stream.
	Left bool
	// Value is the record's value.
	Value []byte
}

// Append appends the bytes of v.
func (v JoinValue) Append(dst []byte) []byte { return append(append(dst, side(v.Left)), v.Value...) }

// ParseJoinValue takes apart what [JoinValue.Append] has written.
func ParseJoinValue(data []byte) (JoinValue, error) {
	r := reader{what: "value of a waiting record", data: data}
	v := JoinValue{Left: readSide(&r), Value: r.rest(0)}
	return v, r.end()
}

func side(left bool) byte {
	if left {
		return 1
	}
	return 0
}

func readSide(r *reader) bool {
	b := r.byte()
	if r.err == nil && b > 1 {
		r.err = damaged(r.what, "its side is %d, and must be 0 or 1", b)
	}
	return b == 1
}

// variableSize is the strategy of a list whose entries have lengths of their own.
const variableSize = 1

// AppendList appends a list of values, none of which is nil: what the store of waiting
// records has under one key (KIP-466, Kafka's ListSerializer for byte arrays).
//
//	1 | 4 bytes number of values | for each: 4 bytes length | value
func AppendList(dst []byte, values ...[]byte) []byte {
	dst = appendInt32(append(dst, variableSize), int32(len(values)))
	for _, v := range values {
		dst = append(appendInt32(dst, int32(len(v))), v...)
	}
	return dst
}

// ParseList takes apart what AppendList has written.
func ParseList(data []byte) ([][]byte, error) {
	r := reader{what: "list of waiting records", data: data}
	if strategy := r.byte(); r.err == nil && strategy != variableSize {
		return nil, damaged(r.what, "its first byte is %d, and must be %d", strategy, variableSize)
	}
	n := r.int32()
	if r.err == nil && (n < 0 || int(n) > len(r.data)/4) { // each value has a length
		return nil, damaged(r.what, "it cannot have %d values in %d bytes", n, len(r.data))
	}
	values := slices.Grow([][]byte(nil), int(n))
	for range n {
		values = append(values, r.take(int(r.int32())))
	}
	return values, r.end()
}
