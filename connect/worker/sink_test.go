package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func sinkProps(more ...string) map[string]string {
	props := map[string]string{"name": "out", "connector.class": "TestSink", "topics": "in",
		"errors.restart.delay.ms": "10", "errors.restart.delay.max.ms": "50"}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	return props
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`{"n":%d}`, i)
	}
	return out
}

func TestSinkTaskCommitsWhatWasPut(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(5)...)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "offset 5 committed", func() bool { return k.committed("connect-out", "in") == 5 })
	if got, want := strings.Join(s.values(), " "), `0:{"n":0} 1:{"n":1} 2:{"n":2} 3:{"n":3} 4:{"n":4}`; got != want {
		t.Errorf("written %s, want %s", got, want)
	}
	var counts worker.Counts
	kafkatest.Eventually(t, "the task to hear that offset 5 is committed", func() bool {
		counts = c.Counts()
		return counts.Lag == 0 && counts.Uncommitted == 0
	})
	if counts.Read != 5 || counts.Written != 5 || counts.Partitions != 1 {
		t.Errorf("counts = %+v, want 5 read and written in one partition", counts)
	}
	if got := c.Tasks[0].Status(); got != (worker.Status{State: worker.Running}) {
		t.Errorf("status = %+v, want RUNNING", got)
	}
	stop(t, c)
	k.produce("in", `{"n":5}`)
	startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "the next record written", func() bool { return len(s.values()) == 6 })
	if got := s.values()[5]; got != `5:{"n":5}` {
		t.Errorf("after a restart wrote %s first, want offset 5", got)
	}
}

func TestSinkTaskNeverCommitsBackwards(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(10)...)
	answers := []int64{4, 2, 10}
	s := &sink{preCommit: func(s *sink, current connect.Offsets) (connect.Offsets, error) {
		for tp := range current {
			if len(s.got) < 10 {
				return nil, nil
			}
			answer := answers[0]
			if len(answers) > 1 {
				answers = answers[1:]
			}
			return connect.Offsets{tp: answer}, nil
		}
		return nil, nil
	}}
	var seen []int64
	w := startWorker(t, k.addr(), s.plugin(), nil)
	startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "offset 10 committed", func() bool {
		if at := k.committed("connect-out", "in"); len(seen) == 0 || seen[len(seen)-1] != at {
			seen = append(seen, at)
		}
		return seen[len(seen)-1] == 10
	})
	if !slices.IsSorted(seen) {
		t.Errorf("committed offsets %v went backwards", seen)
	}
}

func TestSinkTaskPutsTheSameRecordsAgainAfterARetriableError(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(3)...)
	var tries [][]int64
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		if len(records) == 0 {
			return nil
		}
		var offsets []int64
		for _, r := range records {
			offsets = append(offsets, r.Offset)
		}
		tries = append(tries, offsets)
		if len(tries) < 3 {
			return connect.Retriable(errors.New("busy"))
		}
		return s.keep(records)
	}}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps("errors.retry.delay.max.ms", "20"))
	kafkatest.Eventually(t, "offset 3 committed", func() bool { return k.committed("connect-out", "in") == 3 })
	if !slices.Equal(tries[0], tries[1]) || !slices.Equal(tries[1], tries[2]) {
		t.Errorf("tries %v, want the same records each time", tries)
	}
	if got := c.Counts(); got.Retries != 2 || got.Written != 3 || got.Restarts != 0 {
		t.Errorf("counts = %+v, want 2 retries and 3 written without a restart", got)
	}
}

func TestSinkTaskIsCalledWithoutRecordsInTime(t *testing.T) {
	k := startKafka(t, 1, "in")
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "a call of Put without records", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.calls > 1
	})
}

func TestFailedSinkTaskRestartsFromTheCommittedOffset(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(4)...)
	failures := 2
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		if len(records) > 0 && failures > 0 {
			failures--
			return errors.New("disk on fire")
		}
		return s.keep(records)
	}}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "FAILED with the reason", func() bool {
		st := c.Tasks[0].Status()
		return (st.State == worker.Failed || st.State == worker.Restarting) && strings.Contains(st.Trace, "disk on fire") ||
			len(s.values()) == 4
	})
	kafkatest.Eventually(t, "all records written", func() bool { return len(s.values()) == 4 })
	if got := c.Counts(); got.Restarts != 2 {
		t.Errorf("restarts = %d, want 2", got.Restarts)
	}
}

func TestFailedTaskStaysFailedWhenRestartsAreOff(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(1)...)
	s := &sink{put: func(*sink, []*connect.SinkRecord) error { return errors.New("disk on fire") }}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	if got := c.Counts().Restarts; got != 0 {
		t.Errorf("restarts = %d, want 0", got)
	}
}

func TestUnreadableRecordBecomesADeadLetter(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", `{"n":0}`, `not json`, `{"n":2}`)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps("errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad",
		"errors.deadletterqueue.topic.replication.factor", "1"))
	dead := k.consume("bad", 1)[0]
	if got := string(dead.Value); got != "not json" {
		t.Errorf("dead letter = %q, want the bytes as they came", got)
	}
	got := map[string]string{}
	for _, h := range dead.Headers {
		got[h.Key] = string(h.Value)
	}
	for key, want := range map[string]string{
		"topic": "in", "partition": "0", "offset": "1", "connector.name": "out", "task.id": "0",
		"stage": "VALUE_CONVERTER", "class.name": "JSON", "exception.class.name": "*json.SyntaxError",
		"exception.message": "decode json: invalid character 'o' in literal null (expecting 'u')",
	} {
		if got["__connect.errors."+key] != want {
			t.Errorf("header %s = %q, want %q", key, got["__connect.errors."+key], want)
		}
	}
	if trace := got["__connect.errors.exception.stacktrace"]; !strings.Contains(trace, "Caused by: *json.SyntaxError") {
		t.Errorf("stacktrace = %q, want the chain of causes", trace)
	}
	kafkatest.Eventually(t, "offset 3 committed", func() bool { return k.committed("connect-out", "in") == 3 })
	kafkatest.Eventually(t, "the counts to add up", func() bool {
		n := c.Counts()
		return n.Read == 3 && n.Written == 2 && n.Rejected == 1 && n.DeadLetters == 1
	})
}

// A dead letter is the record that was read, not what transforms made of it.
func TestRefusedRecordBecomesADeadLetterAsItCame(t *testing.T) {
	k := startKafka(t, 1, "in")
	in := &kgo.Record{Topic: "in", Key: []byte("k"), Value: []byte(`{"n": 1}`), Timestamp: time.UnixMilli(1700000000000),
		Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("v")}}}
	if err := k.cl.ProduceSync(t.Context(), in).FirstErr(); err != nil {
		t.Fatal(err)
	}
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		for _, r := range records {
			if err := s.context.Report(r, errors.New("outside does not want it"), nil); err != nil {
				return err
			}
		}
		return nil
	}}
	startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("transforms", "t", "transforms.t.type", "Renew",
		"errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad",
		"errors.deadletterqueue.topic.replication.factor", "1"))
	got := k.consume("bad", 1)[0]
	if string(got.Key) != "k" || string(got.Value) != `{"n": 1}` || !got.Timestamp.Equal(in.Timestamp) ||
		got.Headers[0].Key != "h" || string(got.Headers[0].Value) != "v" {
		t.Errorf("dead letter = %s: %s at %v with %v, want what was read", got.Key, got.Value, got.Timestamp, got.Headers[0])
	}
}

// Once ReportAll has returned the dead letters are in Kafka, so that the sink may
// move on.
func TestReportAllReturnsWhenTheDeadLettersAreWritten(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(3)...)
	letters, written := make(chan int64, 1), func() int64 {
		ends, err := admin(k.cl).ListEndOffsets(t.Context(), "bad")
		if err != nil {
			return -1
		}
		end, _ := ends.Lookup("bad", 0)
		return end.Offset
	}
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		if len(records) == 0 {
			return nil
		}
		var all []connect.Rejection
		for _, r := range records {
			all = append(all, connect.Rejection{Record: r, Reason: errors.New("outside does not want it")})
		}
		if err := s.context.ReportAll(t.Context(), all); err != nil {
			return err
		}
		select {
		case letters <- written() - int64(len(records)):
		default:
		}
		return nil
	}}
	startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.tolerance", "all",
		"errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1"))
	if missing := <-letters; missing != 0 {
		t.Errorf("%d more letters than records after ReportAll, want 0", missing)
	}
	kafkatest.Eventually(t, "offset 3 committed", func() bool { return k.committed("connect-out", "in") == 3 })
}

// While Kafka does not acknowledge the dead letters, ReportAll waits as long as its
// context lasts, and the offsets of the records are not committed, nor those behind.
func TestReportAllWaitsForKafkaAndHoldsTheOffsets(t *testing.T) {
	k := startKafka(t, 1, "in", "bad")
	k.produce("in", numbered(3)...)
	arrived, release := make(chan struct{}), make(chan struct{})
	reported := make(chan error, 1)
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		if len(records) == 0 {
			return nil
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-arrived
			cancel(errors.New("waited long enough"))
		}()
		reported <- s.context.ReportAll(ctx, []connect.Rejection{{Record: records[0], Reason: errors.New("too blue")}})
		return nil
	}}
	k.hold(kmsg.Produce, arrived, release)
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.tolerance", "all",
		"errors.deadletterqueue.topic.name", "bad"))
	if err := <-reported; err == nil || err.Error() != "wait for dead letters: waited long enough" {
		t.Errorf("ReportAll = %v, want why it gave up", err)
	}
	asked := s.answered.Load()
	kafkatest.Eventually(t, "more questions what is safe", func() bool { return s.answered.Load() > asked+3 })
	if at := k.committed("connect-out", "in"); at > 0 {
		t.Errorf("committed %d, past a dead letter that is not acknowledged", at)
	}
	close(release)
	kafkatest.Eventually(t, "offset 3 committed", func() bool { return k.committed("connect-out", "in") == 3 })
	if n := c.Counts(); n.Rejected != 1 || n.DeadLetters != 1 || n.Written != 2 || n.Restarts != 0 {
		t.Errorf("counts = %+v, want one dead letter, two written and no restart", n)
	}
}

func TestReportAllOfATaskWithoutToleranceIsAnError(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(1)...)
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		for _, r := range records {
			err := s.context.ReportAll(t.Context(), []connect.Rejection{{Record: r, Reason: errors.New("too blue")}})
			if err != nil {
				return err
			}
		}
		return nil
	}}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	if got := c.Tasks[0].Status().Trace; !strings.Contains(got, "too blue") {
		t.Errorf("trace = %s, want the reason", got)
	}
}

func TestBadRecordStopsTheTaskWithoutTolerance(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", `{"n":0}`, `not json`)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	trace := c.Tasks[0].Status().Trace
	for _, want := range []string{"record in-0@1", "VALUE_CONVERTER", "decode json", "errors.tolerance is none"} {
		if !strings.Contains(trace, want) {
			t.Errorf("trace = %q, want it to hold %q", trace, want)
		}
	}
	if at := k.committed("connect-out", "in"); at > 1 {
		t.Errorf("committed %d, past the bad record", at)
	}
}

func TestOffsetIsHeldBackUntilTheDeadLetterIsAcknowledged(t *testing.T) {
	k := startKafka(t, 1, "in", "bad")
	k.produce("in", numbered(3)...)
	arrived, release := make(chan struct{}), make(chan struct{})
	k.hold(kmsg.Produce, arrived, release)
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		for _, r := range records {
			if r.Offset == 1 {
				reason := &connect.Reason{Err: errors.New("refused"), Headers: map[string]string{"status": "400"}}
				if err := s.context.Report(r, reason, nil); err != nil {
					return err
				}
			}
		}
		return nil
	}}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	startConnector(t, w, sinkProps("errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad"))
	<-arrived
	kafkatest.Eventually(t, "offset 1 committed", func() bool { return k.committed("connect-out", "in") == 1 })
	close(release)
	kafkatest.Eventually(t, "offset 3 committed", func() bool { return k.committed("connect-out", "in") == 3 })
	dead := k.consume("bad", 1)[0]
	if !slices.ContainsFunc(dead.Headers, func(h kgo.RecordHeader) bool { return h.Key == "status" && string(h.Value) == "400" }) {
		t.Errorf("headers = %v, want the reason's own", dead.Headers)
	}
}

func TestTransformsDropAndTheOffsetGoesOn(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(4)...) // the last one is dropped
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps("transforms", "even", "transforms.even.type", "DropOdd"))
	kafkatest.Eventually(t, "offset 4 committed", func() bool { return k.committed("connect-out", "in") == 4 })
	if got, want := strings.Join(s.values(), " "), `0:{"n":0} 2:{"n":2}`; got != want {
		t.Errorf("written %s, want %s", got, want)
	}
	if got := c.Counts(); got.Read != 4 || got.Written != 2 || got.Filtered != 2 {
		t.Errorf("counts = %+v, want 4 read, 2 written, 2 filtered", got)
	}
}

func TestOpenSeeksAndPauseHoldsBack(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(5)...)
	tp := connect.TopicPartition{Topic: "in"}
	s := &sink{open: func(s *sink, partitions []connect.TopicPartition) error {
		s.context.Seek(connect.Offsets{tp: 3})
		s.context.Pause(tp)
		return nil
	}}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "calls of Put while paused", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.calls > 2
	})
	if got := s.values(); len(got) > 0 {
		t.Errorf("written %v while paused, want nothing", got)
	}
	const lag, paused = "kafka_connect_sink_task_metrics_sink_record_lag", "kafka_connect_sink_task_metrics_paused_seconds_total"
	during := gather(t, c.Tasks[0])
	if during[lag] != 2 || during[paused] <= 0 {
		t.Errorf("lag %v and paused for %v s, want 2 and more than 0", during[lag], during[paused])
	}
	s.context.Resume(tp)
	kafkatest.Eventually(t, "two records", func() bool { return len(s.values()) == 2 })
	if got, want := strings.Join(s.values(), " "), `3:{"n":3} 4:{"n":4}`; got != want {
		t.Errorf("written %s, want %s", got, want)
	}
	if once, again := gather(t, c.Tasks[0]), gather(t, c.Tasks[0]); once[paused] < during[paused] || once[paused] != again[paused] {
		t.Errorf("paused for %v s, then %v s, want the same, and no less than %v", once[paused], again[paused], during[paused])
	}
	s.context.Seek(connect.Offsets{tp: 1})
	kafkatest.Eventually(t, "the rewound records", func() bool { return len(s.values()) == 6 })
	if got := s.values()[2]; got != `1:{"n":1}` {
		t.Errorf("after a seek wrote %s first, want offset 1", got)
	}
}

// A seek in Open holds however long the group's own offset is in coming.
func TestOpenSeeksBehindTheCommittedOffset(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(5)...)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	stop(t, startedAndCommitted(t, k, w, 5))
	arrived, release := make(chan struct{}), make(chan struct{})
	s.open = func(s *sink, partitions []connect.TopicPartition) error {
		k.hold(kmsg.OffsetFetch, arrived, release)
		s.context.Seek(connect.Offsets{{Topic: "in"}: 2})
		return nil
	}
	startConnector(t, w, sinkProps())
	<-arrived
	s.mu.Lock()
	before := s.calls
	s.mu.Unlock()
	kafkatest.Eventually(t, "calls of Put meanwhile", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.calls > before+2
	})
	close(release)
	kafkatest.Eventually(t, "the records again", func() bool { return len(s.values()) == 8 })
	if got, want := strings.Join(s.values()[5:], " "), `2:{"n":2} 3:{"n":3} 4:{"n":4}`; got != want {
		t.Errorf("written %s, want %s", got, want)
	}
}

// startedAndCommitted returns a connector that has committed offset n.
func startedAndCommitted(t *testing.T, k *kafka, w *worker.Worker, n int64) *connector {
	c := startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "the commit", func() bool { return k.committed("connect-out", "in") == n })
	return c
}

func TestRequestCommitDoesNotWaitForTheInterval(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(2)...)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"offset.flush.interval.ms": "3600000"})
	startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "two records", func() bool { return len(s.values()) == 2 })
	s.context.RequestCommit()
	kafkatest.Eventually(t, "offset 2 committed", func() bool { return k.committed("connect-out", "in") == 2 })
}

func TestOwnedAsksTheCoordinator(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(1)...)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	startConnector(t, w, sinkProps())
	kafkatest.Eventually(t, "a record", func() bool { return len(s.values()) == 1 })
	tp := connect.TopicPartition{Topic: "in"}
	if owned, err := s.context.Owned(t.Context(), tp); !owned || err != nil {
		t.Errorf("Owned = %v, %v, want true", owned, err)
	}
	if owned, err := s.context.Owned(t.Context(), connect.TopicPartition{Topic: "in", Partition: 7}); owned || err != nil {
		t.Errorf("Owned of a partition never gained = %v, %v, want false", owned, err)
	}
	refused := k.refuseHeartbeats("connect-out")
	owned, err := s.context.Owned(t.Context(), tp)
	refused()
	if owned || err != nil {
		t.Errorf("Owned of an expelled member = %v, %v, want false", owned, err)
	}
}

func TestTasksShareThePartitions(t *testing.T) {
	k := startKafka(t, 4, "in")
	s := &sink{tasks: 2}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sinkProps("tasks.max", "2"))
	kafkatest.Eventually(t, "two partitions each", func() bool {
		return c.Tasks[0].Counts().Partitions == 2 && c.Tasks[1].Counts().Partitions == 2
	})
	for i := range 40 {
		r := &kgo.Record{Topic: "in", Partition: int32(i % 4), Value: fmt.Appendf(nil, `{"n":%d}`, i)}
		if err := k.cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	kafkatest.Eventually(t, "40 records", func() bool { return c.Counts().Written == 40 })
	if got := len(s.values()); got != 40 {
		t.Errorf("written %d records, want each once", got)
	}
}

// A topic that is missing is made by the brokers when they do so, unless the consumer is
// told not to let them.
func TestMissingTopicIsMadeByTheBrokers(t *testing.T) {
	k := startKafkaWith(t, kfake.AllowAutoTopicCreation())
	w := startWorker(t, k.addr(), (&sink{}).plugin(), nil)
	c := startConnector(t, w, sinkProps("topics", "kept,away", "errors.restart.max", "0",
		"consumer.override.allow.auto.create.topics", "false"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	stop(t, c)
	c = startConnector(t, w, sinkProps("topics", "kept,new"))
	kafkatest.Eventually(t, "RUNNING", func() bool { return c.Tasks[0].Status().State == worker.Running })
	topics, err := admin(k.cl).ListTopics(t.Context())
	if got, want := topics.Names(), []string{"kept", "new"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("topics are %v, %v, want %v", got, err, want)
	}
}

func TestMissingTopicIsNamed(t *testing.T) {
	k := startKafka(t, 1, "in")
	w := startWorker(t, k.addr(), (&sink{}).plugin(), nil)
	c := startConnector(t, w, sinkProps("topics", "in,misspelt", "errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	if got, want := c.Tasks[0].Status().Trace, "topic misspelt does not exist: create it, or correct topics of connector out"; got != want {
		t.Errorf("trace = %q, want %q", got, want)
	}
}
