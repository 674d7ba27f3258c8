package limits

import (
	"bytes"
	"testing"

	"github.com/suiro/suiro/streams/topology"
)

// The sizes are those of estimateSizeInBytesUpperBound of Kafka's
// AbstractRecords.
func TestBatchSizeIsKafkas(t *testing.T) {
	text := func(n int) []byte { return bytes.Repeat([]byte("x"), n) }
	for _, c := range []struct {
		key, value []byte
		headers    []topology.Header
		want       int
	}{
		{nil, nil, nil, 85},
		{[]byte{}, []byte{}, nil, 85},
		{text(63), text(64), nil, 82 + (1 + 63) + (2 + 64) + 1},
		{text(1), text(8191), nil, 82 + (1 + 1) + (2 + 8191) + 1},
		{text(1), text(8192), nil, 82 + (1 + 1) + (3 + 8192) + 1},
		{nil, text(10), []topology.Header{{Key: "h", Value: text(3)}, {Key: "n"}}, 82 + 1 + 11 + 1 + (2 + 4) + (2 + 1)},
	} {
		if got := Size(c.key, c.value, c.headers); got != c.want {
			t.Errorf("batchSize of key %d, value %d, %d headers = %d, want %d", len(c.key), len(c.value), len(c.headers), got,
				c.want)
		}
	}
}
