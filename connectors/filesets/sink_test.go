package filesets

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

func TestSinkWritesEachRecordOnceAndGoesOnAtTheLogsEnd(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, mem)
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 25)...)
	filesetstest.Eventually(t, "two sets are committed", func() bool { return sink.Commit()[p0] == 20 })
	sink.Stop()
	filesetstest.WantOnce(t, mem.Files("/root"), 20)

	sink = start(t, mem)
	sink.Open(p0)
	if got := sink.Context.Sought(); got[p0] != 20 {
		t.Fatalf("sought %v, want 20", got)
	}
	sink.Put(filesetstest.Records(p0, 20, 30)...)
	filesetstest.Eventually(t, "the third set is committed", func() bool { return sink.Commit()[p0] == 30 })
	filesetstest.WantOnce(t, mem.Files("/root"), 30)
	want := []string{"/root/access/dt=2015-05-17/hour=10/access+0+0000000000+0000000009.avro",
		"/root/access/dt=2015-05-17/hour=11/access+0+0000000001+0000000007.avro"}
	for _, name := range want {
		if mem.Files("/root")[name] == nil {
			t.Errorf("%s is missing among %v", name, slices.Sorted(maps.Keys(mem.Files("/root"))))
		}
	}
}

func TestBadRecordsAreReportedAndCovered(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, mem, "flush.size", "6")
	sink.Open(p0)
	sink.Context.HoldReports()
	rs := filesetstest.Records(p0, 0, 6)
	rs[1].Value = connect.Payload{}
	rs[2].Value = connect.Decoded(filesetstest.Schema, map[string]any{"n": int64(2)})
	rs[3].Value = connect.Decoded(nil, map[string]any{"n": int64(3), "time": filesetstest.Epoch})
	rs[4].Value = connect.Decoded(filesetstest.Schema, map[string]any{"n": "four", "time": filesetstest.Epoch})
	rs[5].Topic = "a/b"
	sink.Put(rs...)
	filesetstest.Eventually(t, "five records are reported", func() bool { return len(sink.Context.Reports()) == 5 })
	if got := sink.Commit(); len(got) != 0 {
		t.Errorf("committed %v before the dead letters are acknowledged", got)
	}
	sink.Context.AckReports(nil)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 6 })
	for i, want := range []string{"the value is null", `no field "time"`, "has no schema", `field "n"`,
		"cannot name a folder"} {
		if got := sink.Context.Reports()[i].Reason.Error(); !strings.Contains(got, want) {
			t.Errorf("report %d is %q, want %q in it", i, got, want)
		}
	}
	if got := filesetstest.Offsets(t, mem.Files("/root")); !slices.Equal(got, []int64{0}) {
		t.Errorf("files hold %v, want [0]", got)
	}
}

func TestAnUntoleratedRecordEndsTheTask(t *testing.T) {
	sink := start(t, storagetest.NewMem())
	sink.Open(p0)
	sink.Context.Tolerate(false)
	bad := filesetstest.Record(p0, 0)
	bad.Value = connect.Payload{}
	sink.Put(bad)
	var err error
	filesetstest.Eventually(t, "Put fails", func() bool { err = sink.TryPut(); return err != nil })
	if !errors.Is(err, connecttest.ErrNotTolerated) || !strings.Contains(err.Error(), "access-0 offset 0") {
		t.Errorf("Put = %v", err)
	}
}

// awayConverter decodes accesses, unless its schema registry is away.
type awayConverter struct {
	connecttest.Converter
	away atomic.Bool
}

func (c *awayConverter) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	if c.away.Load() {
		return nil, nil, connect.Retriable(errors.New("the registry is away"))
	}
	offset, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return nil, nil, err
	}
	r := filesetstest.Record(p0, offset)
	return r.Value.Decode()
}

func TestPutIsRetriedWhileTheRegistryIsAway(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, mem)
	sink.Open(p0)
	registry := &awayConverter{}
	registry.away.Store(true)
	rs := filesetstest.Records(p0, 0, 40)
	for _, at := range []int{7, 23} {
		rs[at].Value = connect.Undecoded("access", []byte(strconv.Itoa(at)), registry)
	}
	for from := 0; from < 40; from += 20 {
		registry.away.Store(true)
		sink.Put(rs[from : from+15]...)
		untilAway(t, sink)
		for range 3 {
			if err := sink.TryPut(rs[from+15 : from+20]...); !connect.IsRetriable(err) ||
				!strings.Contains(err.Error(), "access-0 offset") {
				t.Fatalf("Put = %v while the registry is away, want a retriable error", err)
			}
		}
		registry.away.Store(false)
		filesetstest.Eventually(t, "the rest is taken", func() bool {
			return sink.TryPut(rs[from+15:from+20]...) == nil
		})
	}
	filesetstest.Eventually(t, "all is committed", func() bool { return sink.Commit()[p0] == 40 })
	filesetstest.WantOnce(t, mem.Files("/root"), 40)
	if got := sink.Context.Reports(); len(got) != 0 {
		t.Errorf("%d records are reported, want none: %v", len(got), got[0].Reason)
	}
}

func untilAway(t *testing.T, sink *connecttest.Sink) {
	t.Helper()
	filesetstest.Eventually(t, "Put returns a retriable error", func() bool {
		return connect.IsRetriable(sink.TryPut())
	})
}

// TestAPutThatIsRetriedSeeksNowhere: the records that are put again come from
// before a seek of another partition, and would be taken for later ones.
func TestAPutThatIsRetriedSeeksNowhere(t *testing.T) {
	mem, p1 := storagetest.NewMem(), connect.TopicPartition{Topic: "access", Partition: 1}
	var broken atomic.Bool
	task := &task{storage: mem.With(func(op storagetest.Op, do func() error) error {
		if broken.Load() && strings.Contains(op.Path, "/access/1/") {
			return errors.New("injected fault")
		}
		return do()
	}, false)}
	sink := connecttest.StartSink(t, info, task, testProps())
	sink.Open(p0, p1)
	registry := &awayConverter{}
	registry.away.Store(true)
	broken.Store(true)
	rs := filesetstest.Records(p0, 0, 10)
	rs[3].Value = connect.Undecoded("access", []byte("3"), registry)
	sink.Put(append(rs, filesetstest.Records(p1, 0, 5)...)...)
	untilAway(t, sink)
	broken.Store(false)
	lost := task.writers[p1].in
	filesetstest.Eventually(t, "the log is read again", func() bool {
		lost.mu.Lock()
		defer lost.mu.Unlock()
		return lost.state == found
	})
	later := filesetstest.Records(p1, 5, 10)
	if err := sink.TryPut(later...); !connect.IsRetriable(err) {
		t.Fatalf("Put = %v while the registry is away, want a retriable error", err)
	}
	if got := sink.Context.Sought(); len(got) != 0 {
		t.Errorf("sought %v in a Put that failed", got)
	}
	registry.away.Store(false)
	filesetstest.Eventually(t, "the same records are put", func() bool { return sink.TryPut(later...) == nil })
	if got, ok := sink.Context.Sought()[p1]; got != 0 || !ok {
		t.Errorf("sought %d, %v, want 0", got, ok)
	}
	sink.Put(filesetstest.Records(p1, 0, 10)...)
	filesetstest.Eventually(t, "all is committed", func() bool {
		c := sink.Commit()
		return c[p0] == 10 && c[p1] == 10
	})
	if got := filesetstest.Offsets(t, mem.Files("/root")); len(got) != 20 {
		t.Errorf("files hold %v, want 10 records of each partition", got)
	}
}

// TestATaskStopsWhileTheRegistryIsAway: nobody waits for the registry then.
func TestATaskStopsWhileTheRegistryIsAway(t *testing.T) {
	sink := start(t, storagetest.NewMem(), "retry.backoff.ms", "3600000", "shutdown.timeout.ms", "3600000")
	sink.Open(p0)
	registry := &awayConverter{}
	registry.away.Store(true)
	r := filesetstest.Record(p0, 0)
	r.Value = connect.Undecoded("access", []byte("0"), registry)
	sink.Put(r)
	untilAway(t, sink)
	sink.Close(true, p0)
	sink.Put()
	sink.Stop()
}

func TestALogThatIsAheadOfTheTopicIsAnError(t *testing.T) {
	mem := storagetest.NewMem()
	sink := start(t, mem)
	sink.Open(p0)
	sink.Put(filesetstest.Records(p0, 0, 10)...)
	filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
	sink.Stop()
	sink = start(t, mem)
	sink.Open(p0)
	if got := sink.Context.Sought()[p0]; got != 10 {
		t.Errorf("sought %d, want 10", got)
	}
	sink.Put(filesetstest.Records(p0, 0, 3)...) // the topic was created again
	if err := sink.TryPut(); err == nil || !strings.Contains(err.Error(), "deleted and created again") {
		t.Errorf("Put = %v, want an error about the topic", err)
	}
}

func TestSlowStorageBoundsMemoryAndNeverBlocksPut(t *testing.T) {
	mem := storagetest.NewMem()
	free := make(chan struct{})
	slow := mem.With(func(op storagetest.Op, do func() error) error {
		if op.Name == "create" {
			<-free
		}
		return do()
	}, false)
	task := &task{storage: slow}
	sink := connecttest.StartSink(t, info, task, testProps("max.buffered.bytes", "5000", "shutdown.timeout.ms", "1"))
	sink.Open(p0)
	next := int64(0)
	for !sink.Context.Paused(p0) && next < 1000 {
		sink.Put(filesetstest.Records(p0, next, next+1)...)
		next++
	}
	if next == 1000 {
		t.Fatal("the partition was never paused")
	}
	close(free)
	filesetstest.Eventually(t, "the partition resumes", func() bool { return !sink.Context.Paused(p0) })
	for ; next%10 != 0; next++ {
		sink.Put(filesetstest.Records(p0, next, next+1)...)
	}
	filesetstest.Eventually(t, "all is committed", func() bool { return sink.Commit()[p0] == next })
	filesetstest.WantOnce(t, mem.Files("/root"), next)
}

func TestAnotherOwnerIsNotFenced(t *testing.T) {
	mem := storagetest.NewMem()
	first := start(t, mem)
	first.Open(p0)
	first.Put(filesetstest.Records(p0, 0, 5)...)
	filesetstest.Eventually(t, "temp files are open", func() bool { return len(mem.Files("/root/+tmp")) > 0 })
	second := start(t, mem)
	first.Context.Disown(p0)
	second.Open(p0)
	second.Put(filesetstest.Records(p0, 0, 10)...)
	filesetstest.Eventually(t, "the second commits", func() bool { return second.Commit()[p0] == 10 })
	first.Put(filesetstest.Records(p0, 5, 15)...)
	filesetstest.Eventually(t, "the first stops", func() bool { return first.Context.Paused(p0) })
	second.Put(filesetstest.Records(p0, 10, 20)...)
	filesetstest.Eventually(t, "the second commits", func() bool { return second.Commit()[p0] == 20 })
	filesetstest.WantOnce(t, mem.Files("/root"), 20)
}
