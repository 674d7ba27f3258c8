package filesets

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// recordOverhead is about what a queued record takes in addition to its bytes.
const recordOverhead = 256

// sizeOf is about what a record takes in memory. It is the same whenever it
// is asked.
func sizeOf(r *connect.SinkRecord) int64 {
	n := payloadSize(&r.Key) + payloadSize(&r.Value) + recordOverhead
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Raw)
	}
	return int64(n)
}

func payloadSize(p *connect.Payload) int {
	if raw := p.Bytes(); raw != nil || p.IsNull() {
		return len(raw)
	}
	_, v, _ := p.Decode() // made by a transform: there is nothing to decode
	return valueSize(v)
}

func valueSize(v any) int {
	n := 16
	switch v := v.(type) {
	case string:
		n += len(v)
	case []byte:
		n += len(v)
	case []any:
		for _, e := range v {
			n += valueSize(e)
		}
	case map[string]any:
		for k, e := range v {
			n += 32 + len(k) + valueSize(e)
		}
	case map[any]any:
		for k, e := range v {
			n += 32 + valueSize(k) + valueSize(e)
		}
	case data.Pairs:
		for _, p := range v {
			n += valueSize(p.Key) + valueSize(p.Value)
		}
	}
	return n
}
