package batches

import (
	"encoding/binary"
	"reflect"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What a record and a header take in memory beside their bytes in the batch: a record
// with the pointer to it; a header with the place of its key, which is copied; the list
// of headers of a record, which is an allocation of its own; and a message of the
// formats before Kafka 0.11 with its record.
var (
	recordSize = int64(reflect.TypeFor[kgo.Record]().Size()) + 8
	headerSize = int64(reflect.TypeFor[kgo.RecordHeader]().Size()) + 8
)

// shortest is the length of a record of which everything is null.
const shortest = 6

const (
	listSize    = 16
	messageSize = 400
)

// cost is what the records of a batch take beside the bytes of the batch.
type cost struct{ records, headers int64 }

// costOf reads as far as the client does: up to the first record that is damaged. What
// that one claims is charged, as the client makes room for it before it looks.
func costOf(data []byte) (c cost) {
	for in := data; len(in) > 0; {
		length, n := varint(in)
		if n <= 0 || length < shortest || length > int64(len(in)-n) {
			break
		}
		end := n + int(length)
		c.records += recordSize
		if headers, size := headersOf(in[n:end]); headers > 0 {
			c.headers += headers*headerSize + int64(size) + listSize
		}
		in = in[end:]
	}
	if c.records <= recordSize { // it may be a set of messages, which begins with bytes that are zero
		c.headers += messagesOf(data) * messageSize
	}
	return c
}

// headersOf returns how many headers a record claims to have, and how many bytes they
// have together.
//
//	attributes 1 byte │ timestamp │ offset │ key length, key │ value length, value │ headers…
//
// All numbers are varints.
func headersOf(record []byte) (count int64, size int) {
	in := record[1:]
	for range 2 {
		_, n := varint(in)
		if n <= 0 {
			return 0, 0
		}
		in = in[n:]
	}
	for range 2 {
		length, n := varint(in)
		if n <= 0 || length > int64(len(in)-n) {
			return 0, 0
		}
		in = in[n+int(max(length, 0)):]
	}
	count, n := varint(in)
	if n <= 0 || count > int64(len(in)-n) {
		return 0, 0
	}
	return max(count, 0), len(in) - n
}

// varint is binary.Varint, and fast for the numbers of one byte and two, which most are.
func varint(in []byte) (v int64, n int) {
	if len(in) > 1 {
		if low := uint64(in[0]); low < 0x80 {
			return int64(low>>1) ^ -int64(low&1), 1
		} else if high := uint64(in[1]); high < 0x80 {
			low = low&0x7f | high<<7
			return int64(low>>1) ^ -int64(low&1), 2
		}
	}
	return binary.Varint(in)
}

// messagesOf counts the messages of a set: an offset of 8 bytes, a length of 4 and as
// many bytes as that says.
func messagesOf(data []byte) (count int64) {
	for len(data) > 17 {
		length := int64(int32(binary.BigEndian.Uint32(data[8:])))
		if length < 0 || length > int64(len(data)-12) {
			break
		}
		count++
		data = data[12+length:]
	}
	return count
}
