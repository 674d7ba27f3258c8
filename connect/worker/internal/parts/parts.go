// Package parts splits what was fetched into parts that fit into memory once their
// records are decoded.
package parts

import (
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Parts are the parts of one fetch. What the records of a part may take once they are
// decoded fits into the share memory.Value of the process, or the part is one record.
// Usually all of it is one part. One goroutine uses them.
type Parts struct {
	room int64
	left []kgo.FetchTopicPartition
}

// Of returns the parts of what was fetched.
func Of(fetches kgo.Fetches) *Parts { return of(fetches, memory.OfRuntime(memory.Value)) }

func of(fetches kgo.Fetches, room int64) *Parts {
	p := &Parts{room: room}
	fetches.EachPartition(func(f kgo.FetchTopicPartition) { p.left = append(p.left, f) })
	return p
}

// Next returns the next part, in the order of what was fetched, and whether there are
// more. The error of a partition comes with the last of its records, as it is about what
// is behind them.
func (p *Parts) Next() (part kgo.Fetches, more bool) {
	left := p.room
	for len(p.left) > 0 {
		f := &p.left[0]
		n := p.fitting(f.Records, &left)
		if n == 0 && len(f.Records) > 0 {
			return part, true
		}
		head := f.FetchPartition
		if head.Records = f.Records[:n:n]; n < len(f.Records) {
			head.Err = nil
		}
		part = append(part, kgo.Fetch{Topics: []kgo.FetchTopic{{Topic: f.Topic, Partitions: []kgo.FetchPartition{head}}}})
		if n < len(f.Records) {
			f.Records = f.Records[n:]
			return part, true
		}
		p.left = p.left[1:]
	}
	return part, false
}

// fitting returns how many of the records fit into what is left of the room, and takes
// it. The first record of a part always fits.
func (p *Parts) fitting(records []*kgo.Record, left *int64) int {
	for i, r := range records {
		size := min(memory.Decoded(len(r.Key))+memory.Decoded(len(r.Value)), p.room)
		if size > *left {
			return i
		}
		*left -= size
	}
	return len(records)
}
