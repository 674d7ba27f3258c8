// Package footprint says about how much memory the records take that a sink holds.
package footprint

import (
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// What a record and each of its headers take in addition to their bytes.
const recordOverhead, headerOverhead = 256, 64

// Of is about what a record takes in memory, its headers included. A key or value
// that a transform has decoded takes its data in addition to its bytes; one that is
// decoded later takes more then.
func Of(r *connect.SinkRecord) int64 {
	n := payloadSize(&r.Key) + payloadSize(&r.Value) + recordOverhead
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Raw) + valueSize(h.Value) + headerOverhead
	}
	return int64(n)
}

func payloadSize(p *connect.Payload) int {
	n := len(p.Bytes())
	if p.IsDecoded() && !p.IsNull() {
		_, v, _ := p.Decode()
		n += valueSize(v)
	}
	return n
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
