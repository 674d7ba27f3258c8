package deadletter

import (
	"math/bits"

	"github.com/twmb/franz-go/pkg/kgo"
)

// overhead is what a batch of one record has at most besides key, value and headers.
const overhead = 61 + 21

// Size returns the most bytes that a batch with the one record takes before
// compression. A producer compares it with max.request.size, and a broker, after
// compression, with max.message.bytes.
func Size(r *kgo.Record) int {
	n := overhead + sized(len(r.Key)) + sized(len(r.Value)) + varint(len(r.Headers))
	for _, h := range r.Headers {
		n += headerSize(h)
	}
	return n
}

func headerSize(h kgo.RecordHeader) int { return sized(len(h.Key)) + sized(len(h.Value)) }

// sized is how many bytes n bytes take with their length.
func sized(n int) int { return varint(n) + n }

// varint is how many bytes a length takes: seven bits a byte, the first of them the
// sign.
func varint(n int) int { return (bits.Len(uint(n)) + 1 + 6) / 7 }
