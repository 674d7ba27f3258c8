package connecttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// SinkCase is an outside system for [RunSink].
type SinkCase struct {
	// Props is the connector's configuration.
	Props map[string]string
	// NewTask returns a task that writes to the outside system. Default: NewTask of
	// the plugin's connector.
	NewTask func() connect.SinkTask
	// Written returns the values in the outside system as JSON texts, in any order.
	// The suite puts objects with the fields "p" and "o", the partition and the
	// offset of the record.
	Written func(t testing.TB) []string
	// ExactlyOnce says that a record is never in the outside system twice, even
	// when it is put again after a restart.
	ExactlyOnce bool
}

// RunSink checks what every sink connector promises: no offset is committed before
// its record is in the outside system or rejected; every record arrives, even when
// a task ends without notice and another gets everything since the last commit
// again; a bad record is rejected and does not delay the others; Put and Stop work
// without records. open returns a new outside system for each check.
func RunSink(t *testing.T, plugin connect.SinkPlugin, open func(t *testing.T) SinkCase) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, *sinkRig){
		"offsets follow data":        sinkOffsetsFollowData,
		"everything arrives again":   sinkSurvivesARestart,
		"bad records are rejected":   sinkRejectsBadRecords,
		"works without a record":     sinkWithoutRecords,
		"plans no more than allowed": sinkPlans,
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			if c.NewTask == nil {
				connector := plugin.New()
				if err := connector.Start(t.Context(), Parse(t, plugin.Info, c.Props)); err != nil {
					t.Fatal(err)
				}
				c.NewTask = connector.NewTask
			}
			check(t, &sinkRig{t: t, plugin: plugin, c: c})
		})
	}
}

// sinkRig runs tasks of one connector over two partitions.
type sinkRig struct {
	t      *testing.T
	plugin connect.SinkPlugin
	c      SinkCase
}

var sinkPartitions = []connect.TopicPartition{{Topic: "suite", Partition: 0}, {Topic: "suite", Partition: 1}}

func (r *sinkRig) start() *Sink {
	r.t.Helper()
	s := StartSink(r.t, r.plugin.Info, r.c.NewTask(), r.c.Props)
	s.Open(sinkPartitions...)
	return s
}

// record returns the record of an offset.
func (r *sinkRig) record(p connect.TopicPartition, offset int64) *connect.SinkRecord {
	record := Records(p, offset, fmt.Sprintf(`{"p":%d,"o":%d}`, p.Partition, offset))[0]
	record.Timestamp = time.UnixMilli(1431857100000 + offset)
	return record
}

// feed puts the records from the task's offsets up to end, as a worker does, and
// asks for commits until done returns true.
func (r *sinkRig) feed(s *Sink, at connect.Offsets, end int64, done func(connect.Offsets) bool) {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		for p, offset := range s.Context.Sought() {
			at[p] = offset
		}
		var batch []*connect.SinkRecord
		for _, p := range sinkPartitions {
			for range 7 {
				if at[p] < end && !s.Context.Paused(p) {
					batch = append(batch, r.record(p, at[p]))
					at[p]++
				}
			}
		}
		r.put(s, batch)
		committed := s.Commit()
		r.check(committed)
		if done(committed) {
			return
		}
	}
	r.t.Fatalf("not everything was committed within a minute: %v", s.Commit())
}

// put hands records to the task, again and again while the error is retriable.
func (r *sinkRig) put(s *Sink, batch []*connect.SinkRecord) {
	r.t.Helper()
	for range 1000 {
		err := s.TryPut(batch...)
		if err == nil {
			return
		}
		if !connect.IsRetriable(err) {
			r.t.Fatalf("put %d records: %v", len(batch), err)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-r.t.Context().Done():
			return
		}
	}
	r.t.Fatal("put does not succeed")
}

// written counts how often each record is in the outside system.
func (r *sinkRig) written() map[connect.TopicPartition]map[int64]int {
	r.t.Helper()
	out := map[connect.TopicPartition]map[int64]int{}
	for _, p := range sinkPartitions {
		out[p] = map[int64]int{}
	}
	for _, text := range r.c.Written(r.t) {
		var v struct {
			P int32 `json:"p"`
			O int64 `json:"o"`
		}
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			r.t.Fatalf("written value %q: %v", text, err)
		}
		out[sinkPartitions[v.P]][v.O]++
	}
	return out
}

// check compares commits with what is written.
func (r *sinkRig) check(committed connect.Offsets) {
	r.t.Helper()
	written := r.written()
	for p, end := range committed {
		for o := range end {
			switch n := written[p][o]; {
			case n == 0:
				r.t.Fatalf("%v is committed to %d, but offset %d is not written", p, end, o)
			case n > 1 && r.c.ExactlyOnce:
				r.t.Fatalf("%v offset %d is written %d times", p, o, n)
			}
		}
	}
}

func upTo(end int64) func(connect.Offsets) bool {
	return func(committed connect.Offsets) bool {
		return !slices.ContainsFunc(sinkPartitions, func(p connect.TopicPartition) bool { return committed[p] < end })
	}
}

func sinkOffsetsFollowData(_ *testing.T, r *sinkRig) {
	s := r.start()
	r.feed(s, connect.Offsets{}, 100, upTo(100))
	s.Close(false, sinkPartitions...)
	s.Stop()
}

func sinkSurvivesARestart(_ *testing.T, r *sinkRig) {
	var kept connect.Offsets
	first := r.start()
	r.feed(first, connect.Offsets{}, 60, func(committed connect.Offsets) bool {
		kept = committed
		return committed[sinkPartitions[0]] > 0
	})
	first.Close(true, sinkPartitions...)
	first.Stop()
	at := connect.Offsets{}
	for _, p := range sinkPartitions {
		at[p] = kept[p]
	}
	r.feed(r.start(), at, 100, upTo(100))
}

// unreadable is a converter that cannot decode any bytes.
type unreadable struct{ connect.Converter }

func (unreadable) Format() string { return "" }

func (unreadable) ToConnect(string, []byte) (*data.Schema, any, error) {
	return nil, nil, errors.New("the bytes cannot be decoded")
}

func sinkRejectsBadRecords(t *testing.T, r *sinkRig) {
	s := r.start()
	p := sinkPartitions[0]
	bad := r.record(p, 3)
	bad.Value = connect.Undecoded(p.Topic, []byte("?"), unreadable{})
	batch := []*connect.SinkRecord{r.record(p, 0), r.record(p, 1), r.record(p, 2), bad}
	for o := int64(4); o < 40; o++ {
		batch = append(batch, r.record(p, o))
	}
	r.put(s, batch)
	for deadline := time.Now().Add(time.Minute); s.Commit()[p] < 40; {
		if time.Now().After(deadline) {
			t.Fatalf("committed %v, want 40 although one record is bad", s.Commit())
		}
		r.put(s, nil)
	}
	if got := s.Context.Reports(); len(got) != 1 || got[0].Record.Offset != 3 {
		t.Errorf("reported %v, want the record of offset 3", got)
	}
	if n := r.written()[p][3]; n != 0 {
		t.Errorf("the bad record is written %d times", n)
	}
}

func sinkWithoutRecords(t *testing.T, r *sinkRig) {
	s := r.start()
	s.Put()
	if got, err := s.Task.PreCommit(t.Context(), connect.Offsets{}); err != nil || len(got) > 0 {
		t.Errorf("PreCommit without a record = %v, %v, want nothing", got, err)
	}
	s.Close(false, sinkPartitions...)
	s.Stop()
	if err := r.c.NewTask().Stop(); err != nil {
		t.Errorf("Stop without Start = %v", err)
	}
}

func sinkPlans(t *testing.T, r *sinkRig) {
	connector := r.plugin.New()
	if err := connector.Start(context.Background(), Parse(t, r.plugin.Info, r.c.Props)); err != nil {
		t.Fatal(err)
	}
	for _, allowed := range []int{1, 4} {
		if plan, err := connector.TaskConfigs(allowed); err != nil || len(plan) == 0 || len(plan) > allowed {
			t.Errorf("TaskConfigs(%d) = %d tasks, %v", allowed, len(plan), err)
		}
	}
	if err := connector.Stop(); err != nil {
		t.Errorf("Stop = %v", err)
	}
}
