package thread

import (
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/member"
	"github.com/suiro/suiro/streams/internal/queues"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

// An offset goes to the group with the epoch of the leader that has written what is before it
// (KIP-320). With an earlier epoch it seems to the next owner of the partition, after another
// leader has taken over, as if records had been lost, and it goes back and reads some twice.
func TestOffsetsOfQueuesAreCommittedWithTheirEpoch(t *testing.T) {
	th := New(Options{Sources: group.NewSources(map[string]int{"a": 0, "b": 0}), Lags: lag.New(nil),
		Logger: slog.New(slog.DiscardHandler)})
	q := queues.New(func(string) *topology.Source { return &topology.Source{} }, 0)
	th.queues[topology.TaskID{}] = q
	for _, topic := range []string{"a", "b"} {
		q.Own(topic, 0, kgo.EpochOffset{Epoch: 1, Offset: 10}, 11, task.NoStreamTime)
	}
	add := func(epoch int32, offset int64) {
		fetches := kgo.Fetches{{Topics: []kgo.FetchTopic{{Topic: "a", Partitions: []kgo.FetchPartition{{
			HighWatermark: offset + 1, LastStableOffset: offset + 1, Records: []*kgo.Record{
				{Topic: "a", LeaderEpoch: epoch, Offset: offset, Timestamp: time.UnixMilli(offset)}}}}}}}}
		for _, p := range portions(fetches, true) {
			q.Add(p.topic, p.partition, p.records, p.bytes, p.next, p.stable)
		}
	}
	check := func(when string, want member.Offsets) {
		t.Helper()
		at, back := member.Offsets{}, member.Offsets{}
		th.queued(at, back)
		if got := at["a"][0]; len(back) > 0 || len(at) != len(want) || got != want["a"][0] {
			t.Errorf("%s: to be committed are %v and %v, want %v and nothing", when, at, back, want)
		}
		th.left = th.heads()
	}
	add(1, 10)
	check("while a record waits", member.Offsets{"a": {0: {Epoch: 1, Offset: 10}}})
	q.Add("b", 0, nil, 0, kgo.EpochOffset{Epoch: 1, Offset: 11}, 11)
	add(2, 11)
	if records, _ := q.Take(time.Now()); len(records) != 2 {
		t.Fatalf("%d records are ready, want 2", len(records))
	}
	check("when the next leader has written another", member.Offsets{"a": {0: {Epoch: 2, Offset: 12}}})
	check("when nothing has waited since", member.Offsets{})
}
