package kafka

import (
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/config"
)

// What the client accepts. Kafka's own clients accept more, so the nearest value
// inside is used for one outside.
const (
	minTimeout    = 100 * time.Millisecond // of requests, connections, sessions and rebalances
	maxTimeout    = 15 * time.Minute       // of requests and idle connections
	minMetadata   = 100 * time.Millisecond
	maxMetadata   = time.Hour
	oldEnough     = 250 * time.Millisecond // of metadata that has turned out to be wrong
	maxLinger     = time.Minute
	minDelivery   = time.Second
	minFetchWait  = 10 * time.Millisecond
	maxTransfer   = 1 << 30   // bytes of a batch, a request or an answer
	usualTransfer = 100 << 20 // what a request may have, unless told

	usualPartitionFetch = 1 << 20 // bytes of a partition that a broker sends at a time, unless told
)

// between returns a key's milliseconds within the limits of the client. A
// negative time, which in Kafka means no limit, is the highest.
func between(v config.Values, key string, low, high time.Duration) time.Duration {
	d := v.Millis(key)
	if d < 0 {
		return high
	}
	return max(low, min(d, high))
}

// bytesOf returns a key's number of bytes within the limits of the client.
func bytesOf(v config.Values, key string) int32 { return int32(min(v.Long(key), maxTransfer)) }

// twice is room for a request that holds n bytes of records.
func twice(n int32) int32 { return int32(min(max(2*int64(n), usualTransfer), maxTransfer)) }

// atMost accepts text of some bytes, which is what the client can send.
func atMost(size int) config.Validator {
	return config.Func(fmt.Sprintf("at most %d bytes", size), func(v any) error {
		if text, _ := v.(string); len(text) > size {
			return fmt.Errorf("must not be longer than %d bytes", size)
		}
		return nil
	})
}
