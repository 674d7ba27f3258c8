package elasticsearch

import (
	"sync/atomic"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
)

// partition is a Kafka partition from Open to Close. Only the task's calls,
// which come one at a time, know it by its name; items on their way keep it.
type partition struct {
	prefix sinkkit.Prefix
	// closed is set when the partition is given up; its records are dropped.
	closed atomic.Bool
	// taken is the offset up to which records are here already while they are
	// put again after a retriable error, else 0.
	taken int64
}

// partitions are the open ones.
type partitions map[connect.TopicPartition]*partition

// open starts to accept records of partitions, from the beginning of a Prefix.
func (ps partitions) open(list []connect.TopicPartition) {
	for _, tp := range list {
		ps[tp] = &partition{}
	}
}

// close forgets partitions, and marks what is on its way for them as closed.
func (ps partitions) close(list []connect.TopicPartition) map[*partition]bool {
	closing := map[*partition]bool{}
	for _, tp := range list {
		if p := ps[tp]; p != nil {
			p.closed.Store(true)
			closing[p] = true
			delete(ps, tp)
		}
	}
	return closing
}

// safe returns the offsets up to which everything is settled.
func (ps partitions) safe(current connect.Offsets) connect.Offsets {
	out := make(connect.Offsets, len(current))
	for tp, end := range current {
		if p := ps[tp]; p != nil {
			out[tp] = p.prefix.Safe(end)
		}
	}
	return out
}

// take notes records that will be put again, to pass over them then.
func (ps partitions) take(records []*connect.SinkRecord) {
	for _, r := range records {
		if p := ps[r.TopicPartition()]; p != nil {
			p.taken = max(p.taken, r.Offset+1)
		}
	}
}

// forget ends what take noted.
func (ps partitions) forget() {
	for _, p := range ps {
		p.taken = 0
	}
}
