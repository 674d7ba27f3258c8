package task

import "github.com/twmb/franz-go/pkg/kgo"

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
