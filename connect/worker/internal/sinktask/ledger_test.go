package sinktask

import (
	"maps"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/internal/acks"
	"github.com/suiro/suiro/connect/worker/internal/counts"
)

var p0 = connect.TopicPartition{Topic: "in"}

// at returns a ledger with one partition of which the group has committed an
// offset, records up to last were put, and everything before next was put or
// skipped.
func at(committed, last, next int64) (*ledger, *partition) {
	l := newLedger(&counts.Counters{})
	l.add([]connect.TopicPartition{p0})
	l.begin(p0, committed, 0, 100)
	p := l.find(p0)
	b := batch{ends: map[*partition]int64{p: next}}
	if last >= 0 {
		b.records = []*connect.SinkRecord{{Record: connect.Record{Offset: last}, OriginalTopic: "in"}}
		b.from = []*partition{p}
	}
	l.put(b)
	return l, p
}

func TestClampNeverCommitsAheadOrBackwards(t *testing.T) {
	const left = -2 // the task leaves the partition out
	for name, c := range map[string]struct {
		committed, last, next int64
		answer                int64
		letters               []int64 // on their way
		want                  int64   // -1 commits nothing
	}{
		"all is safe":                              {-1, 9, 10, 10, nil, 10},
		"some is safe":                             {-1, 9, 10, 5, nil, 5},
		"beyond what was put":                      {-1, 9, 10, 99, nil, 10},
		"backwards":                                {7, 9, 10, 5, nil, -1},
		"nothing new":                              {10, 9, 10, 10, nil, -1},
		"left out":                                 {-1, 9, 10, left, nil, -1},
		"skipped records behind what is safe":      {-1, 5, 10, 6, nil, 10},
		"skipped records behind what is not":       {-1, 5, 10, 4, nil, 4},
		"only skipped records, left out":           {-1, -1, 10, left, nil, 10},
		"a dead letter on its way":                 {-1, 9, 10, 10, []int64{8, 3, 6}, 3},
		"a dead letter behind what is safe":        {-1, 9, 10, 5, []int64{8}, 5},
		"a dead letter among skipped records":      {2, 5, 10, 6, []int64{7}, 7},
		"a dead letter at what is committed":       {3, 9, 10, 10, []int64{3}, -1},
		"nothing was put since the partition came": {4, -1, 4, 4, nil, -1},
	} {
		t.Run(name, func(t *testing.T) {
			l, p := at(c.committed, c.last, c.next)
			var held []*acks.Entry[int64]
			for _, offset := range c.letters {
				held = append(held, acks.Insert(&p.held, offset))
			}
			safe := connect.Offsets{p0: c.answer}
			if c.answer == left {
				safe = nil
			}
			want := connect.Offsets{}
			if c.want >= 0 {
				want[p0] = c.want
			}
			if got := l.clamp(l.positions(), safe); !maps.Equal(got, want) {
				t.Errorf("clamp = %v, want %v", got, want)
			}
			for _, e := range held {
				e.Ack()
			}
			if got := l.clamp(l.positions(), safe); c.answer == c.next && c.next > c.committed && got[p0] != c.next {
				t.Errorf("clamp = %v once the dead letters are there, want %d", got, c.next)
			}
		})
	}
}

func TestRecordsOfAPartitionThatWentAndCameBackLeaveTheBatch(t *testing.T) {
	l, old := at(-1, -1, 0)
	b := batch{records: []*connect.SinkRecord{{OriginalTopic: "in"}}, from: []*partition{old}}
	if got := l.stillOwned(b); len(got.records) != 1 {
		t.Errorf("kept %d records, want the one of the partition", len(got.records))
	}
	l.remove([]connect.TopicPartition{p0})
	l.add([]connect.TopicPartition{p0})
	if got := l.stillOwned(b); len(got.records) != 0 {
		t.Errorf("kept %d records of the partition that went, want none", len(got.records))
	}
}

func TestSeekWaitsForAPartitionThatDoesNotFlowYet(t *testing.T) {
	l := newLedger(&counts.Counters{})
	l.add([]connect.TopicPartition{p0})
	l.seek(connect.Offsets{p0: 5, {Topic: "gone"}: 1})
	if got := l.takeSeeks(); len(got) != 0 {
		t.Errorf("takeSeeks = %v before the partition flows, want nothing", got)
	}
	if got, ok := l.begin(p0, 2, 0, 9); !ok || got != 5 {
		t.Errorf("begin = %d, %v, want it to go on at 5", got, ok)
	}
	l.seek(connect.Offsets{p0: 3})
	if got := l.takeSeeks(); got[p0] != 3 {
		t.Errorf("takeSeeks = %v, want 3", got)
	}
	if got := l.fetching(l.find(p0), 9); got != 3 {
		t.Errorf("expects offset %d next, want 3", got)
	}
}
