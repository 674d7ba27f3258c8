package elasticsearch

import "github.com/suiro/suiro/connect"

const (
	// recordOverhead is about what a record takes besides its bytes: the record, the
	// item, and what follows its offset.
	recordOverhead = 768
	// headerOverhead is the same for a header.
	headerOverhead = 96
)

// sizeOf is what a record that [bare] returned holds in memory.
func sizeOf(r *connect.SinkRecord) int64 {
	as := asRead(r)
	n := recordOverhead + len(as.Key.Bytes()) + len(as.Value.Bytes())
	for i := range as.Headers {
		n += headerOverhead + len(as.Headers[i].Key) + len(as.Headers[i].Raw)
	}
	return int64(n)
}

// growth is what a body of n bytes takes that was appended to.
func growth(n int64) int64 { return n + n/4 }

// asRead is the record as Kafka had it.
func asRead(r *connect.SinkRecord) *connect.Record {
	if r.Original != nil {
		return r.Original
	}
	return &r.Record
}

// bare returns what is kept of a record once its lines are made: the bytes from
// Kafka, which a dead letter needs, without what converters and transforms made of
// them, which may be many times as long.
func bare(r *connect.SinkRecord) *connect.SinkRecord {
	as := *asRead(r)
	as.Key, as.Value = as.Key.Bare(), as.Value.Bare()
	as.Headers = bareHeaders(as.Headers)
	return &connect.SinkRecord{Record: as, OriginalTopic: r.OriginalTopic, OriginalPartition: r.OriginalPartition}
}

func bareHeaders(in []connect.Header) []connect.Header {
	if len(in) == 0 {
		return nil
	}
	out := make([]connect.Header, len(in))
	for i, h := range in {
		if out[i] = h; h.Raw != nil {
			out[i] = connect.Header{Key: h.Key, Raw: h.Raw}
		}
	}
	return out
}
