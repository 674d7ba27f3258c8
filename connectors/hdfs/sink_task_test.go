package hdfs

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
	"github.com/suiro/suiro/transforms/formats/avro/ocf"
)

var p0 = connect.TopicPartition{Topic: "access", Partition: 0}

var accessSchema = &data.Schema{Kind: data.Struct, Name: "Access", Fields: []data.Field{
	{Name: "n", Schema: &data.Schema{Kind: data.Int64}},
	{Name: "time", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName}},
}}

var epoch = time.Date(2015, 5, 17, 10, 0, 0, 0, time.UTC)

// access makes the record of an offset. Their hours interleave.
func access(tp connect.TopicPartition, offset int64) *connect.SinkRecord {
	at := epoch.Add(time.Duration(offset%3)*time.Hour + time.Duration(offset)*time.Second)
	value := map[string]any{"n": offset, "time": at}
	r := &connect.SinkRecord{OriginalTopic: tp.Topic, OriginalPartition: tp.Partition}
	r.Record = connect.Record{Topic: tp.Topic, Partition: tp.Partition, Value: connect.Decoded(accessSchema,
		value), Timestamp: at, Offset: offset}
	return r
}

func accesses(tp connect.TopicPartition, from, to int64) (rs []*connect.SinkRecord) {
	for o := from; o < to; o++ {
		rs = append(rs, access(tp, o))
	}
	return rs
}

func testProps(more ...string) map[string]string {
	props := map[string]string{"store.url": "hdfs://none:8020", "topics.dir": "root", "flush.size": "10",
		"retry.backoff.ms": "1", "partitioner.class": "TimeBasedPartitioner", "path.format": "'dt='YYYY-MM-dd/'hour='HH",
		"timestamp.extractor": "RecordField", "timestamp.field": "time"}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	return props
}

// offsetsIn returns the field n of every record in the final files, sorted.
func offsetsIn(t testing.TB, files map[string][]byte) (got []int64) {
	t.Helper()
	for name, content := range files {
		if strings.Contains(name, "/+") {
			continue
		}
		r, err := ocf.NewReader(bytes.NewReader(content))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for {
			v, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got = append(got, v.(map[string]any)["n"].(int64))
		}
	}
	slices.Sort(got)
	return got
}

func upTo(n int64) (want []int64) {
	for o := range n {
		want = append(want, o)
	}
	return want
}

// eventually waits for a condition that goroutines bring about.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}

func TestSinkWritesEachRecordOnceAndGoesOnAtTheLogsEnd(t *testing.T) {
	mem := storagetest.NewMem()
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{st: mem}, testProps())
	sink.Open(p0)
	sink.Put(accesses(p0, 0, 25)...)
	eventually(t, "two sets are committed", func() bool { return sink.Commit()[p0] == 20 })
	sink.Stop()
	if got, want := offsetsIn(t, mem.Files("/root")), upTo(20); !slices.Equal(got, want) {
		t.Errorf("files hold %v, want %v", got, want)
	}

	sink = connecttest.StartSink(t, Plugin().Info, &SinkTask{st: mem}, testProps())
	sink.Open(p0)
	if got := sink.Context.Sought(); got[p0] != 20 {
		t.Fatalf("sought %v, want 20", got)
	}
	sink.Put(accesses(p0, 20, 30)...)
	eventually(t, "the third set is committed", func() bool { return sink.Commit()[p0] == 30 })
	if got, want := offsetsIn(t, mem.Files("/root")), upTo(30); !slices.Equal(got, want) {
		t.Errorf("files hold %v, want %v", got, want)
	}
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
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{st: mem}, testProps("flush.size", "6"))
	sink.Open(p0)
	sink.Context.HoldReports()
	rs := accesses(p0, 0, 6)
	rs[1].Value = connect.Payload{}
	rs[2].Value = connect.Decoded(accessSchema, map[string]any{"n": int64(2)})
	rs[3].Value = connect.Decoded(nil, map[string]any{"n": int64(3), "time": epoch})
	rs[4].Value = connect.Decoded(accessSchema, map[string]any{"n": "four", "time": epoch})
	rs[5].Topic = "a/b"
	sink.Put(rs...)
	eventually(t, "five records are reported", func() bool { return len(sink.Context.Reports()) == 5 })
	if got := sink.Commit(); len(got) != 0 {
		t.Errorf("committed %v before the dead letters are acknowledged", got)
	}
	sink.Context.AckReports(nil)
	eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 6 })
	for i, want := range []string{"the value is null", `no field "time"`, "has no schema", `field "n"`, "cannot name a folder"} {
		if got := sink.Context.Reports()[i].Reason.Error(); !strings.Contains(got, want) {
			t.Errorf("report %d is %q, want %q in it", i, got, want)
		}
	}
	if got := offsetsIn(t, mem.Files("/root")); !slices.Equal(got, []int64{0}) {
		t.Errorf("files hold %v, want [0]", got)
	}
}

func TestAnUntoleratedRecordEndsTheTask(t *testing.T) {
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{st: storagetest.NewMem()}, testProps())
	sink.Open(p0)
	sink.Context.Tolerate(false)
	bad := access(p0, 0)
	bad.Value = connect.Payload{}
	sink.Put(bad)
	var err error
	eventually(t, "Put fails", func() bool { err = sink.TryPut(); return err != nil })
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
	r := access(p0, offset)
	return r.Value.Decode()
}

func TestPutIsRetriedWhileTheRegistryIsAway(t *testing.T) {
	mem := storagetest.NewMem()
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{st: mem}, testProps())
	sink.Open(p0)
	registry := &awayConverter{}
	registry.away.Store(true)
	rs := accesses(p0, 0, 40)
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
		eventually(t, "the rest is taken", func() bool { return sink.TryPut(rs[from+15:from+20]...) == nil })
	}
	eventually(t, "all is committed", func() bool { return sink.Commit()[p0] == 40 })
	if got, want := offsetsIn(t, mem.Files("/root")), upTo(40); !slices.Equal(got, want) {
		t.Errorf("files hold %v, want %v", got, want)
	}
	if got := sink.Context.Reports(); len(got) != 0 {
		t.Errorf("%d records are reported, want none: %v", len(got), got[0].Reason)
	}
}

func untilAway(t *testing.T, sink *connecttest.Sink) {
	t.Helper()
	eventually(t, "Put returns a retriable error", func() bool { return connect.IsRetriable(sink.TryPut()) })
}

// TestAPutThatIsRetriedSeeksNowhere: the records that are put again come from
// before a seek of another partition, and would be taken for later ones.
func TestAPutThatIsRetriedSeeksNowhere(t *testing.T) {
	mem, p1 := storagetest.NewMem(), connect.TopicPartition{Topic: "access", Partition: 1}
	var broken atomic.Bool
	task := &SinkTask{st: mem.With(func(op storagetest.Op, do func() error) error {
		if broken.Load() && strings.Contains(op.Path, "/access/1/") {
			return errors.New("injected fault")
		}
		return do()
	}, false)}
	sink := connecttest.StartSink(t, Plugin().Info, task, testProps())
	sink.Open(p0, p1)
	registry := &awayConverter{}
	registry.away.Store(true)
	broken.Store(true)
	rs := accesses(p0, 0, 10)
	rs[3].Value = connect.Undecoded("access", []byte("3"), registry)
	sink.Put(append(rs, accesses(p1, 0, 5)...)...)
	untilAway(t, sink)
	broken.Store(false)
	lost := task.writers[p1]
	eventually(t, "the log is read again", func() bool {
		lost.mu.Lock()
		defer lost.mu.Unlock()
		return lost.state == found
	})
	later := accesses(p1, 5, 10)
	if err := sink.TryPut(later...); !connect.IsRetriable(err) {
		t.Fatalf("Put = %v while the registry is away, want a retriable error", err)
	}
	if got := sink.Context.Sought(); len(got) != 0 {
		t.Errorf("sought %v in a Put that failed", got)
	}
	registry.away.Store(false)
	eventually(t, "the same records are put", func() bool { return sink.TryPut(later...) == nil })
	if got, ok := sink.Context.Sought()[p1]; got != 0 || !ok {
		t.Errorf("sought %d, %v, want 0", got, ok)
	}
	sink.Put(accesses(p1, 0, 10)...)
	eventually(t, "all is committed", func() bool { c := sink.Commit(); return c[p0] == 10 && c[p1] == 10 })
	if got := offsetsIn(t, mem.Files("/root")); len(got) != 20 {
		t.Errorf("files hold %v, want 10 records of each partition", got)
	}
}

// TestATaskStopsWhileTheRegistryIsAway: nobody waits for the registry then.
func TestATaskStopsWhileTheRegistryIsAway(t *testing.T) {
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{st: storagetest.NewMem()},
		testProps("retry.backoff.ms", "3600000", "shutdown.timeout.ms", "3600000"))
	sink.Open(p0)
	registry := &awayConverter{}
	registry.away.Store(true)
	r := access(p0, 0)
	r.Value = connect.Undecoded("access", []byte("0"), registry)
	sink.Put(r)
	untilAway(t, sink)
	sink.Close(true, p0)
	sink.Put()
	sink.Stop()
}

func TestALogThatIsAheadOfTheTopicIsAnError(t *testing.T) {
	mem := storagetest.NewMem()
	sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{st: mem}, testProps())
	sink.Open(p0)
	sink.Put(accesses(p0, 0, 10)...)
	eventually(t, "the set is committed", func() bool { return sink.Commit()[p0] == 10 })
	sink.Stop()
	sink = connecttest.StartSink(t, Plugin().Info, &SinkTask{st: mem}, testProps())
	sink.Open(p0)
	if got := sink.Context.Sought()[p0]; got != 10 {
		t.Errorf("sought %d, want 10", got)
	}
	sink.Put(accesses(p0, 0, 3)...) // the topic was made anew
	if err := sink.TryPut(); err == nil || !strings.Contains(err.Error(), "made anew") {
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
	task := &SinkTask{st: slow}
	sink := connecttest.StartSink(t, Plugin().Info, task, testProps("max.buffered.bytes", "5000", "shutdown.timeout.ms", "1"))
	sink.Open(p0)
	next := int64(0)
	for !sink.Context.Paused(p0) && next < 1000 {
		sink.Put(accesses(p0, next, next+1)...)
		next++
	}
	if next == 1000 {
		t.Fatal("the partition was never paused")
	}
	close(free)
	eventually(t, "the partition resumes", func() bool { return !sink.Context.Paused(p0) })
	for ; next%10 != 0; next++ {
		sink.Put(accesses(p0, next, next+1)...)
	}
	eventually(t, "all is committed", func() bool { return sink.Commit()[p0] == next })
	if got, want := offsetsIn(t, mem.Files("/root")), upTo(next); !slices.Equal(got, want) {
		t.Errorf("files hold %v, want %v", got, want)
	}
}

func TestAnotherOwnerIsNotFenced(t *testing.T) {
	mem := storagetest.NewMem()
	first := connecttest.StartSink(t, Plugin().Info, &SinkTask{st: mem}, testProps())
	first.Open(p0)
	first.Put(accesses(p0, 0, 5)...)
	eventually(t, "temp files are open", func() bool { return len(mem.Files("/root/+tmp")) > 0 })
	second := connecttest.StartSink(t, Plugin().Info, &SinkTask{st: mem}, testProps())
	first.Context.Disown(p0)
	second.Open(p0)
	second.Put(accesses(p0, 0, 10)...)
	eventually(t, "the second commits", func() bool { return second.Commit()[p0] == 10 })
	first.Put(accesses(p0, 5, 15)...)
	eventually(t, "the first stops", func() bool { return first.Context.Paused(p0) })
	second.Put(accesses(p0, 10, 20)...)
	eventually(t, "the second commits", func() bool { return second.Commit()[p0] == 20 })
	if got, want := offsetsIn(t, mem.Files("/root")), upTo(20); !slices.Equal(got, want) {
		t.Errorf("files hold %v, want %v", got, want)
	}
}
