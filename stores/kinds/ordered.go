package kinds

import "encoding/binary"

// appendOrdered appends eight bytes that sort as n does.
func appendOrdered(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(n)^1<<63)
}

func ordered(data []byte) int64 { return int64(binary.BigEndian.Uint64(data) ^ 1<<63) }

// floorDiv is a/b, rounded down for negative a too.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
