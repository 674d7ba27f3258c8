package limits

import (
	"math/bits"

	"github.com/suiro/suiro/streams/topology"
)

// What a batch of one record has around key, value and headers at most.
const (
	batchOverhead  = 61
	recordOverhead = 21
)

// Size is the most that a batch of one record takes before compression. It
// is what Kafka's producers compare with max.request.size.
func Size(key, value []byte, headers []topology.Header) int {
	n := batchOverhead + recordOverhead + sized(key) + sized(value) + varint(len(headers))
	for _, h := range headers {
		n += varint(len(h.Key)) + len(h.Key) + sized(h.Value)
	}
	return n
}

// sized is how many bytes b takes with its length; nil has the length -1.
func sized(b []byte) int {
	if b == nil {
		return 1
	}
	return varint(len(b)) + len(b)
}

// varint is how many bytes a length takes: seven bits a byte, the first of them
// the sign.
func varint(n int) int { return (bits.Len(uint(n)) + 1 + 6) / 7 }
