package file

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// maxIndexes bounds how deep a message may be in others.
const maxIndexes = 100

// AppendPlace appends where a message is in its schema: how many numbers follow, and
// the numbers, all zigzag varints. The first message, which is the usual, is a 0 alone.
func AppendPlace(dst []byte, indexes []int) []byte {
	if slices.Equal(indexes, []int{0}) {
		return append(dst, 0)
	}
	dst = binary.AppendVarint(dst, int64(len(indexes)))
	for _, i := range indexes {
		dst = binary.AppendVarint(dst, int64(i))
	}
	return dst
}

// CutPlace reads what AppendPlace writes and returns the bytes after it.
func CutPlace(raw []byte) (indexes []int, rest []byte, err error) {
	next := func() int64 {
		n, size := binary.Varint(raw)
		if size <= 0 {
			err = fmt.Errorf("%w: the message ends before it says which message of the schema it is", ErrValue)
			return 0
		}
		raw = raw[size:]
		return n
	}
	count := next()
	switch {
	case err != nil:
		return nil, nil, err
	case count == 0:
		return []int{0}, raw, nil
	case count < 0 || count > maxIndexes:
		return nil, nil, fmt.Errorf("%w: it is of a message in %d others, want at most %d", ErrValue, count, maxIndexes)
	}
	for range count {
		n := next()
		if err == nil && n != int64(int32(n)) {
			err = fmt.Errorf("%w: it is of message %d of the schema", ErrValue, n)
		}
		if err != nil {
			return nil, nil, err
		}
		indexes = append(indexes, int(n))
	}
	return indexes, raw, nil
}
