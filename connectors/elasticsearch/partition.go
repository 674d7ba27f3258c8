package elasticsearch

import "github.com/suiro/suiro/connect"

// partition tracks which records of one Kafka partition are settled, so that
// only the contiguous prefix is ever told as safe to commit: an offset past an
// unwritten record would lose it. The writer's mutex guards it.
type partition struct {
	tp connect.TopicPartition
	// closed is set when the partition is lost; its records are dropped.
	closed bool
	// taken is the offset up to which records are here already while they are
	// put again after a retriable error, else 0.
	taken int64
	// queue[head:] are the records from the first unsettled one on, as
	// offset<<1, with the lowest bit set on settled ones. first is the ticket
	// of queue[head].
	queue []int64
	head  int
	first uint64
}

// put adds a record at the end and returns the ticket to settle it with.
func (p *partition) put(offset int64) uint64 {
	if p.head == len(p.queue) {
		p.queue, p.head = p.queue[:0], 0
	} else if p.head > 1024 && p.head > len(p.queue)/2 {
		p.queue = p.queue[:copy(p.queue, p.queue[p.head:])]
		p.head = 0
	}
	p.queue = append(p.queue, offset<<1)
	return p.first + uint64(len(p.queue)-p.head) - 1
}

// settle marks a record as written or rejected. Settling twice is harmless.
func (p *partition) settle(ticket uint64) {
	if ticket < p.first {
		return
	}
	p.queue[p.head+int(ticket-p.first)] |= 1
	for p.head < len(p.queue) && p.queue[p.head]&1 == 1 {
		p.head++
		p.first++
	}
}

// safe returns the offset up to which everything is settled; end is the one
// after the last record put.
func (p *partition) safe(end int64) int64 {
	if p.head == len(p.queue) {
		return end
	}
	return p.queue[p.head] >> 1
}
