package queues

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/topology"
)

func at(offset int64) kgo.EpochOffset { return kgo.EpochOffset{Offset: offset} }

// records makes records of a partition with these times.
func records(topic string, times ...int64) (out []*kgo.Record) {
	for i, at := range times {
		out = append(out, &kgo.Record{Topic: topic, Offset: int64(i), Timestamp: time.UnixMilli(at)})
	}
	return out
}

// taken shows what can be processed at a moment as topic@time.
func taken(q *Queues, now time.Time) string {
	var out []string
	rs, _ := q.Take(now)
	for _, r := range rs {
		out = append(out, fmt.Sprintf("%s@%d", r.Topic, r.Timestamp.UnixMilli()))
	}
	return strings.Join(out, " ")
}

// queues returns Queues of partitions without records.
func without(idle time.Duration, topics ...string) *Queues {
	q := New(func(string) *topology.Source { return nil }, idle)
	for _, topic := range topics {
		q.Own(topic, 0, at(0), 0, task.NoStreamTime)
	}
	return q
}

// What is equal comes in the order of Java's heap.
func TestTheEarliestRecordComesFirst(t *testing.T) {
	q := without(0, "a", "b", "c")
	q.Add("a", 0, records("a", 5, 1, 9), 30, at(3), 3)
	q.Add("b", 0, records("b", 3, 5), 20, at(2), 2)
	q.Add("c", 0, records("c", 5), 10, at(1), 1)
	if got, want := taken(q, time.Time{}), "b@3 c@5 b@5 a@5 a@1 a@9"; got != want {
		t.Errorf("order %s, want %s", got, want)
	}
}

func TestATaskWaitsForRecordsThatAreKnownToBeThere(t *testing.T) {
	now := time.UnixMilli(1000)
	for _, tt := range []struct {
		idle          time.Duration
		known         int64 // end of the partition without records
		at0, at5, at9 string
	}{
		{-1, 10, "a@1 a@2", "", ""},
		{0, 10, "", "", ""},
		{0, 0, "a@1 a@2", "", ""},
		{5, 0, "", "a@1 a@2", ""},
		{9, 0, "", "", "a@1 a@2"},
	} {
		q := without(tt.idle*time.Millisecond, "a", "b")
		q.Add("b", 0, nil, 0, at(0), tt.known)
		q.Add("a", 0, records("a", 1, 2), 20, at(2), 2)
		for i, want := range []string{tt.at0, tt.at5, tt.at9} {
			after := []time.Duration{0, 5, 9}[i] * time.Millisecond
			if got := taken(q, now.Add(after)); got != want {
				t.Errorf("idle %d, end %d: after %v %q, want %q", tt.idle, tt.known, after, got, want)
			}
		}
	}
}

// The wait begins again when records have come.
func TestWaitIsWhenTheLastPartitionIsGivenUp(t *testing.T) {
	q, now := without(5*time.Millisecond, "a", "b"), time.UnixMilli(1000)
	if !q.Wait().IsZero() {
		t.Error("there is nothing to wait for, and a time is")
	}
	q.Add("a", 0, records("a", 1), 10, at(1), 1)
	taken(q, now)
	if got, want := q.Wait(), now.Add(5*time.Millisecond); !got.Equal(want) {
		t.Errorf("waits until %v, want %v", got, want)
	}
	q.Add("b", 0, records("b", 2), 10, at(1), 1)
	if got, want := taken(q, now.Add(time.Millisecond)), "a@1"; got != want {
		t.Errorf("taken %q, want %q", got, want)
	}
	if got := taken(q, now.Add(2*time.Millisecond)); got != "" {
		t.Errorf("taken %q before the wait is over", got)
	}
}

func TestRecordsThatAreReadAgainAreForgotten(t *testing.T) {
	q := without(0, "a", "b")
	q.Add("a", 0, records("a", 1, 2), 20, at(2), 2)
	q.Add("b", 0, records("b", 3), 10, at(1), 5)
	q.Drop("a", 0, at(0))
	q.Left(func(r *kgo.Record) {
		if r.Topic != "b" {
			t.Errorf("a record of %s is left", r.Topic)
		}
	})
	q.Add("a", 0, records("a", 1, 2), 20, at(2), 2)
	if got, want := taken(q, time.Time{}), "a@1 a@2 b@3"; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
	q.Lose("b", 0)
	if q.Has("b", 0) || q.Bytes("a", 0) != 0 {
		t.Error("a partition that went, or bytes of what was taken, are still there")
	}
}

// A source's own times decide.
func TestOrderIsThatOfExtractedTimes(t *testing.T) {
	reversed := &topology.Source{Timestamp: func(r *topology.Record, _ int64) (int64, error) {
		return 100 - r.Timestamp.UnixMilli(), nil
	}}
	q := New(func(string) *topology.Source { return reversed }, 0)
	q.Own("a", 0, at(0), 0, task.NoStreamTime)
	q.Own("b", 0, at(0), 0, task.NoStreamTime)
	q.Add("a", 0, records("a", 10), 10, at(1), 1)
	q.Add("b", 0, records("b", 20), 10, at(1), 1)
	if got, want := taken(q, time.Time{}), "b@20 a@10"; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
}
