package task

import (
	"math/bits"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/topology"
)

// What a batch of one record has around key, value and headers at most.
const (
	batchOverhead  = 61
	recordOverhead = 21
)

// batchSize is the most that a batch of one record takes before compression. It
// is what Kafka's producers compare with max.request.size.
func batchSize(key, value []byte, headers []topology.Header) int {
	n := batchOverhead + recordOverhead + sized(key) + sized(value) + varint(len(headers))
	for _, h := range headers {
		n += varint(len(h.Key)) + len(h.Key) + sized(h.Value)
	}
	return n
}

// What a record and a header take in memory beside their bytes.
const (
	recordCost = 256
	headerCost = 40
)

// Cost is what a record takes in memory: its bytes, and what a record and its headers
// take beside them.
func Cost(r *kgo.Record) int64 {
	n := len(r.Key) + len(r.Value) + recordCost
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value) + headerCost
	}
	return int64(n)
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
