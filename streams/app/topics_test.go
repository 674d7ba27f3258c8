package app_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/topology"
)

// forwarding reads topics and writes out.
func forwarding(t *testing.T, sources ...topology.Source) *topology.Topology {
	t.Helper()
	var g topology.Graph
	var names []string
	for _, s := range sources {
		s.New = func(ctx topology.Context) topology.Handler {
			return func(r *topology.Record) error { return ctx.Emit("out", r.Key, r.Value, r.Timestamp, nil) }
		}
		g.AddSource(s)
		names = append(names, s.Name)
	}
	g.AddSink(topology.Sink{Name: "sink", Topic: "out"}, names...)
	if len(names) > 1 {
		g.Copartition(names...)
	}
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// Records of several topics are processed in the order of their times, each once, by
// threads that share the tasks, also after a restart.
func TestRecordsOfSeveralTopicsComeInOrderOfTime(t *testing.T) {
	brokers := cluster(t, "left", "right", "out")
	topo := forwarding(t, topology.Source{Name: "l", Topic: "left"}, topology.Source{Name: "r", Topic: "right"})
	const each = 500
	dir := t.TempDir()
	for round := range 2 {
		for n, topic := range []string{"left", "right"} {
			var records []*kgo.Record
			for i := range each {
				records = append(records, &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "k%d", i%7),
					Value:     fmt.Appendf(nil, "%s-%d-%d", topic, round, i),
					Timestamp: time.UnixMilli(1_000_000_000_000 + int64(round*each+i)*1000 + int64(500*n))})
			}
			kafkatest.Produce(t, brokers, records...)
		}
		_, stop := start(t, topo, brokers, dir, map[string]string{"num.stream.threads": "2"})
		last, seen := map[int32]time.Time{}, map[string]bool{}
		for _, r := range kafkatest.Consume(t, brokers, "out", (round+1)*2*each) {
			if r.Timestamp.Before(last[r.Partition]) {
				t.Fatalf("%s at %v comes after %v", r.Value, r.Timestamp, last[r.Partition])
			}
			last[r.Partition] = r.Timestamp
			if seen[string(r.Value)] {
				t.Errorf("%s is there twice", r.Value)
			}
			seen[string(r.Value)] = true
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// What waits for another topic when its epoch ends is committed once it was processed.
func TestRecordsThatWaitedAreCommitted(t *testing.T) {
	for name, props := range map[string]map[string]string{
		"exactly once": {}, "at least once": {"processing.guarantee": "at_least_once", "commit.interval.ms": "50"},
		"after a wait": {"max.task.idle.ms": "300"},
	} {
		t.Run(name, func(t *testing.T) {
			brokers := cluster(t, "left", "right", "out")
			topo := forwarding(t, topology.Source{Name: "l", Topic: "left"}, topology.Source{Name: "r", Topic: "right"})
			props["max.poll.records"] = "50" // so that many epochs end with records that wait
			const each = 3000
			for n, topic := range []string{"left", "right"} {
				var records []*kgo.Record
				for i := range each {
					records = append(records, &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "k%d", i%7),
						Value: fmt.Appendf(nil, "%s-%d", topic, i), Timestamp: time.UnixMilli(1_000_000_000_000 + int64(i*(9-8*n)))})
				}
				kafkatest.Produce(t, brokers, records...)
			}
			_, stop := start(t, topo, brokers, t.TempDir(), props)
			kafkatest.Consume(t, brokers, "out", 2*each)
			adm := kadm.NewClient(kafkatest.Client(t, brokers))
			var left int64
			kafkatest.Eventually(t, "all offsets to be committed", func() bool {
				lags, err := adm.Lag(t.Context(), "test-app")
				left = 0
				for _, l := range lags {
					left += l.Lag.Total()
				}
				return err == nil && len(lags) == 1 && left == 0
			})
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if got := len(kafkatest.Consume(t, brokers, "out", 2*each)); got != 2*each {
				t.Errorf("%d records, want %d", got, 2*each)
			}
		})
	}
}

func TestTopicsThatAreJoinedNeedEqualPartitions(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(4, "left", "out"), kfake.SeedTopics(3, "right")).ListenAddrs()
	topo := forwarding(t, topology.Source{Name: "l", Topic: "left"}, topology.Source{Name: "r", Topic: "right"})
	err := runs(t, topo, brokers, t.TempDir())
	for _, want := range []string{"left has 4", "right has 3", "equal numbers of partitions"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Run = %v, want an error with %q", err, want)
		}
	}
}

// Topics that a pattern matches are read, also those that appear while the app runs.
func TestTopicsThatAppearAreRead(t *testing.T) {
	brokers := cluster(t, "page-1", "other", "out")
	topo := forwarding(t, topology.Source{Name: "pages", Pattern: regexp.MustCompile("page-[0-9]+")})
	produce(t, brokers, "page-1", 0, 10)
	produce(t, brokers, "other", 0, 10)
	_, stop := start(t, topo, brokers, t.TempDir(), map[string]string{"metadata.max.age.ms": "100"})
	kafkatest.Consume(t, brokers, "out", 10)
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	if _, err := adm.CreateTopics(t.Context(), 6, 1, nil, "page-2"); err != nil {
		t.Fatal(err)
	}
	produce(t, brokers, "page-2", 10, 10)
	seen := map[string]int{}
	for _, r := range kafkatest.Consume(t, brokers, "out", 20) {
		seen[string(r.Value)]++
	}
	if len(seen) != 20 {
		t.Errorf("%d different records, want 20: %v", len(seen), seen)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// Topics of a pattern may go while the app runs: what is left is read on, and one that is made
// again is read from its beginning.
func TestTopicsThatGoAreNotReadAnyMore(t *testing.T) {
	brokers := cluster(t, "page-1", "page-2", "out")
	topo := forwarding(t, topology.Source{Name: "pages", Pattern: regexp.MustCompile("page-[0-9]+")})
	produce(t, brokers, "page-1", 0, 10)
	produce(t, brokers, "page-2", 10, 10)
	w := watch(t, topo, brokers, map[string]string{"metadata.max.age.ms": "100"})
	w.run()
	kafkatest.Consume(t, brokers, "out", 20)
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	if _, err := adm.DeleteTopics(t.Context(), "page-2"); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the app has noticed", func() bool { return len(w.log.with("went=page-2")) > 0 })
	produce(t, brokers, "page-1", 20, 10)
	kafkatest.Consume(t, brokers, "out", 30)
	if _, err := adm.CreateTopics(t.Context(), 4, 1, nil, "page-2"); err != nil {
		t.Fatal(err)
	}
	produce(t, brokers, "page-2", 30, 10)
	seen := map[string]int{}
	for _, r := range kafkatest.Consume(t, brokers, "out", 40) {
		seen[string(r.Value)]++
	}
	if len(seen) != 40 {
		t.Errorf("%d different records, want 40: %v", len(seen), seen)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}

// The advice of the error about partitions can be followed.
func TestRepartitionedTopicsCanBeJoined(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(4, "left", "out"), kfake.SeedTopics(3, "right")).ListenAddrs()
	b := streams.NewBuilder()
	text := streams.String()
	left := streams.Repartition(streams.Stream(b, "left", text, text), "left", text, text)
	both := streams.Join(left, streams.Stream(b, "right", text, text), streams.TimeDifference(time.Hour, 0),
		func(l, r string) (string, error) { return l + r, nil }, text, text, text)
	streams.To(both, "out", text, text)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	produce(t, brokers, "left", 0, 7)
	produce(t, brokers, "right", 0, 7)
	_, stop := start(t, topo, brokers, t.TempDir(), nil)
	for _, r := range kafkatest.Consume(t, brokers, "out", 7) {
		if v := string(r.Value); len(v) != 4 || v[:2] != v[2:] {
			t.Errorf("%s is joined as %s, want each record with its own", r.Key, v)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// Monitors compare what a group has committed with the ends of its partitions, where
// there is a transaction marker behind the last record.
func TestLagOfATransactionalTopicReachesZero(t *testing.T) {
	brokers := cluster(t, "in")
	produce(t, brokers, "in", 0, 100)
	app, stop := start(t, counts(t), brokers, t.TempDir(), nil)
	kafkatest.Eventually(t, "all is counted", func() bool { return total(t, app) == 100 })
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	kafkatest.Eventually(t, "the group has no lag", func() bool {
		lags, err := adm.Lag(t.Context(), "test-app")
		if err != nil {
			return false
		}
		l := lags["test-app"]
		return l.Error() == nil && len(l.Lag) == 2 && l.Lag.Total() == 0
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// A source may begin elsewhere than auto.offset.reset says.
func TestASourceHasAResetOfItsOwn(t *testing.T) {
	brokers := cluster(t, "left", "right", "out")
	topo := forwarding(t, topology.Source{Name: "l", Topic: "left", Reset: topology.ResetEarliest},
		topology.Source{Name: "r", Topic: "right"})
	produce(t, brokers, "left", 0, 10)
	produce(t, brokers, "right", 10, 10)
	_, stop := start(t, topo, brokers, t.TempDir(), map[string]string{"auto.offset.reset": "latest"})
	kafkatest.Consume(t, brokers, "out", 10)
	produce(t, brokers, "right", 20, 10)
	for _, r := range kafkatest.Consume(t, brokers, "out", 20) {
		if v := string(r.Value); len(v) == 3 && v[1] == '1' {
			t.Errorf("%s is there, which was written before the app began", v)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// ticking returns a topology that reads nothing and writes to a topic every 20 ms.
func ticking(t *testing.T) *topology.Topology {
	t.Helper()
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s", Topic: "in", New: func(ctx topology.Context) topology.Handler {
		ctx.Schedule(20*time.Millisecond, topology.WallClockTime, func(now time.Time) error {
			return ctx.Emit("out", []byte(ctx.Task().String()), nil, now, nil)
		})
		return func(*topology.Record) error { return nil }
	}})
	g.AddSink(topology.Sink{Name: "sink", Topic: "out"}, "s")
	topo, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// A punctuation by the clock is called in an app without records, and what it emits is
// committed.
func TestPunctuationsOfAnIdleAppAreCalled(t *testing.T) {
	brokers := cluster(t, "in", "out")
	_, stop := start(t, ticking(t), brokers, t.TempDir(), nil)
	tasks := map[string]int{}
	for _, r := range kafkatest.Consume(t, brokers, "out", 40) {
		tasks[string(r.Key)]++
	}
	if len(tasks) != 4 {
		t.Errorf("called in tasks %v, want all of 4", tasks)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// A member that the group has removed commits nothing of what punctuations emit, also where it
// has read nothing: the group is asked before each commit.
func TestTheGroupIsAskedBeforePunctuationsAreCommitted(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(4, "in", "out"))
	var mu sync.Mutex // guards what follows
	refused, granted := 0, false
	c.ControlKey(kmsg.TxnOffsetCommit.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		if granted = refused == 3; granted {
			return nil, nil, false
		}
		refused++
		return refuseOffsets(r.(*kmsg.TxnOffsetCommitRequest), kerr.UnknownMemberID), nil, true
	})
	c.ControlKey(kmsg.EndTxn.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		if r.(*kmsg.EndTxnRequest).Commit && !granted {
			t.Errorf("a transaction is committed which the group has not granted (%d refused so far)", refused)
		}
		granted = false
		return nil, nil, false
	})
	_, stop := start(t, ticking(t), c.ListenAddrs(), t.TempDir(), map[string]string{"commit.interval.ms": "50"})
	kafkatest.Consume(t, c.ListenAddrs(), "out", 40)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if refused < 3 {
		t.Errorf("%d commits were refused, want 3", refused)
	}
}

// refuseOffsets is the answer to offsets of a transaction that are not taken.
func refuseOffsets(r *kmsg.TxnOffsetCommitRequest, why *kerr.Error) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.TxnOffsetCommitResponse)
	for _, topic := range r.Topics {
		out := kmsg.NewTxnOffsetCommitResponseTopic()
		out.Topic, out.TopicID = topic.Topic, topic.TopicID
		for _, p := range topic.Partitions {
			part := kmsg.NewTxnOffsetCommitResponseTopicPartition()
			part.Partition, part.ErrorCode = p.Partition, why.Code
			out.Partitions = append(out.Partitions, part)
		}
		resp.Topics = append(resp.Topics, out)
	}
	return resp
}
