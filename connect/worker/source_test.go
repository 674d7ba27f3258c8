package worker_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func sourceProps(more ...string) map[string]string {
	props := map[string]string{"name": "src", "connector.class": "TestSource",
		"errors.restart.delay.ms": "10", "errors.restart.delay.max.ms": "50"}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	return props
}

// exactlyOnce are worker properties for transactions.
func exactlyOnce() map[string]string {
	return map[string]string{"exactly.once.source.support": "enabled", "group.id": "workers",
		"offset.storage.file.filename": "", "offset.storage.topic": "offsets",
		"offset.storage.partitions": "3", "offset.storage.replication.factor": "1"}
}

// guarantees are worker properties of each way to keep offsets.
func guarantees() map[string]map[string]string {
	topic := exactlyOnce()
	topic["exactly.once.source.support"] = "disabled"
	return map[string]map[string]string{"file": nil, "topic": topic, "exactly once": exactlyOnce()}
}

func TestSourceTaskGoesOnWhereItEnded(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: numbered(5), batch: 2, topic: "lines"}
			w := startWorker(t, k.addr(), s.plugin(), more)
			c := startConnector(t, w, sourceProps())
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			if got := s.kept(); len(got) == 0 || got[len(got)-1] != 5 {
				t.Errorf("Committed was told %v, want 5 at last", got)
			}
			stop(t, c)
			s.values = numbered(7)
			startConnector(t, w, sourceProps())
			if got, want := values(k.consume("lines", 7)), strings.Join(numbered(7), " "); got != want {
				t.Errorf("topic holds %s, want %s", got, want)
			}
			if n := c.Counts(); n.Read != 5 || n.Written != 5 || n.Uncommitted != 0 || n.Polls < 3 {
				t.Errorf("counts = %+v, want 5 read and written, in 3 polls or more", n)
			}
		})
	}
}

func TestSourceOffsetsDoNotPassARecordOnItsWay(t *testing.T) {
	k := startKafka(t, 1, "lines")
	arrived, release := make(chan struct{}), make(chan struct{})
	k.hold(kmsg.Produce, arrived, release)
	s := &source{values: numbered(3), batch: 3, topic: "lines", follow: true}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"offset.flush.interval.ms": "1"})
	c := startConnector(t, w, sourceProps())
	<-arrived
	if got := s.kept(); len(got) > 0 {
		t.Errorf("kept %v before kafka acknowledged", got)
	}
	close(release)
	kafkatest.Eventually(t, "offset 3 kept", func() bool { return slices.Contains(s.kept(), 3) })
	stop(t, c)
}

func TestSourceTaskCrashRepeatsButLosesNothing(t *testing.T) {
	k := startKafka(t, 1, "lines")
	crash := true
	s := &source{values: numbered(6), batch: 2, topic: "lines", poll: func(_ connect.SourceContext, at int64) error {
		if crash && at == 4 {
			crash = false
			return errors.New("cable cut")
		}
		return nil
	}}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"offset.flush.interval.ms": "3600000"})
	c := startConnector(t, w, sourceProps())
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	if got := c.Counts().Restarts; got != 1 {
		t.Errorf("restarts = %d, want 1", got)
	}
	got := values(k.consume("lines", 6))
	for _, want := range numbered(6) {
		if !strings.Contains(got, want) {
			t.Errorf("topic holds %s, which lacks %s", got, want)
		}
	}
}

func TestStoppedSourceTaskRepeatsNothing(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: numbered(3000), batch: 7, topic: "lines"}
			props := sourceProps("transaction.boundary", "interval", "transaction.boundary.interval.ms", "3600000")
			w := startWorker(t, k.addr(), s.plugin(), more)
			for _, until := range []int64{200, 900} {
				c := startConnector(t, w, props)
				kafkatest.Eventually(t, "some records", func() bool { return c.Counts().Written > until || c.Counts().EndOfInput })
				stop(t, c)
			}
			c := startConnector(t, w, props)
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			if got, want := values(k.consume("lines", 3000)), strings.Join(numbered(3000), " "); got != want {
				t.Errorf("topic holds %d bytes, want the 3000 records once in order, %d bytes", len(got), len(want))
			}
		})
	}
}

// While a source waits for its outside system to come back, what it read
// before is kept, and not in an open transaction; the status says why it waits.
func TestSourceInTroubleKeepsWhatItRead(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: numbered(3), batch: 2, topic: "lines", poll: func(_ connect.SourceContext, at int64) error {
				if at == 2 {
					return connect.Retriable(errors.New("nobody answers"))
				}
				return nil
			}}
			w := startWorker(t, k.addr(), s.plugin(), more)
			c := startConnector(t, w, sourceProps("transaction.boundary", "interval", "transaction.boundary.interval.ms", "3600000"))
			if got, want := values(k.consume("lines", 2)), strings.Join(numbered(2), " "); got != want {
				t.Errorf("read_committed shows %s, want %s", got, want)
			}
			kafkatest.Eventually(t, "offset 2 to be kept", func() bool { return slices.Contains(s.kept(), 2) })
			want := worker.Status{State: worker.Running, Trace: "nobody answers"}
			kafkatest.Eventually(t, "the reason in the status", func() bool { return c.Tasks[0].Status() == want })
		})
	}
}

func TestSourceRecordThatCannotBeConvertedIsADeadLetter(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: []string{`{"n":0}`, "odd one", `{"n":2}`}, topic: "lines"}
			w := startWorker(t, k.addr(), s.plugin(), more)
			c := startConnector(t, w, sourceProps("errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad",
				"errors.deadletterqueue.topic.replication.factor", "1"))
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			if got, want := values(k.consume("lines", 2)), `{"n":0} {"n":2}`; got != want {
				t.Errorf("topic holds %s, want %s", got, want)
			}
			dead := k.consume("bad", 1)[0]
			want := map[string]string{"stage": "VALUE_CONVERTER", "topic": "lines",
				"source.partition": `{"filename":"test"}`, "source.offset": `{"position":2}`}
			for _, h := range dead.Headers {
				key := strings.TrimPrefix(h.Key, "__connect.errors.")
				if w, ok := want[key]; ok && w == string(h.Value) {
					delete(want, key)
				}
			}
			if len(want) > 0 {
				t.Errorf("headers of the dead letter lack %v: %v", want, dead.Headers)
			}
			if n := c.Counts(); n.Read != 3 || n.Written != 2 || n.Rejected != 1 || n.DeadLetters != 1 {
				t.Errorf("counts = %+v, want 3 = 2 + 1", n)
			}
		})
	}
}

func TestRejectKeepsTheOrderOfOffsets(t *testing.T) {
	k := startKafka(t, 1, "lines")
	rejected := false
	s := &source{values: numbered(4), batch: 2, topic: "lines", poll: func(tc connect.SourceContext, at int64) error {
		if at != 2 || rejected {
			return nil
		}
		rejected = true
		return tc.Reject(context.Background(), &connect.SourceRecord{
			Record:          connect.Record{Topic: "lines", Value: connect.Decoded(nil, "too long")},
			SourcePartition: sourcePartition, SourceOffset: map[string]any{"position": 2}}, errors.New("line is too long"))
	}}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sourceProps("errors.tolerance", "all", "errors.deadletterqueue.topic.name", "bad",
		"errors.deadletterqueue.topic.replication.factor", "1"))
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	if got := s.kept(); !slices.IsSorted(got) || got[len(got)-1] != 4 {
		t.Errorf("kept %v, want them to rise to 4", got)
	}
	if dead := k.consume("bad", 1)[0]; string(dead.Value) != "too long" {
		t.Errorf("dead letter = %q, want what was rejected", dead.Value)
	}
	if n := c.Counts(); n.Read != 5 || n.Written != 4 || n.Rejected != 1 {
		t.Errorf("counts = %+v, want 5 = 4 + 1", n)
	}
}

func TestRecordTooLargeForKafka(t *testing.T) {
	large := `{"n":"` + strings.Repeat("x", 4000) + `"}`
	props := []string{"producer.override.max.request.size", "2048"}
	t.Run("stops the task", func(t *testing.T) {
		k := startKafka(t, 1, "lines")
		s := &source{values: []string{`{"n":0}`, large}, topic: "lines", follow: true}
		w := startWorker(t, k.addr(), s.plugin(), nil)
		c := startConnector(t, w, sourceProps(append(props, "errors.restart.max", "0")...))
		kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
		if got := c.Tasks[0].Status().Trace; !strings.Contains(got, "write to topic lines") || !strings.Contains(got, "MESSAGE_TOO_LARGE") {
			t.Errorf("trace = %q, want topic and reason", got)
		}
		if slices.Contains(s.kept(), 2) {
			t.Errorf("kept %v, past the refused record", s.kept())
		}
	})
	t.Run("is skipped when tolerated", func(t *testing.T) {
		k := startKafka(t, 1, "lines")
		s := &source{values: []string{`{"n":0}`, large, `{"n":2}`}, topic: "lines"}
		w := startWorker(t, k.addr(), s.plugin(), nil)
		c := startConnector(t, w, sourceProps(append(props, "errors.tolerance", "all")...))
		kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
		if n := c.Counts(); n.Written != 2 || n.Rejected != 1 || n.Uncommitted != 0 {
			t.Errorf("counts = %+v, want 2 written, 1 rejected", n)
		}
	})
}

// A record that is too large for its topic is so for the dead letters as well.
func TestDeadLetterThatIsTooLargeIsCut(t *testing.T) {
	large := `{"n":"` + strings.Repeat("x", 20000) + `"}`
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: []string{`{"n":0}`, large, `{"n":2}`}, batch: 3, topic: "lines"}
			c := startConnector(t, startWorker(t, k.addr(), s.plugin(), more), sourceProps("errors.tolerance", "all",
				"errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1",
				"producer.override.max.request.size", "16384"))
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			if got, want := values(k.consume("lines", 2)), `{"n":0} {"n":2}`; got != want {
				t.Errorf("topic holds %s, want %s", got, want)
			}
			dead := k.consume("bad", 1)[0]
			size := slices.ContainsFunc(dead.Headers, func(h kgo.RecordHeader) bool {
				return h.Key == "__connect.errors.value.truncated.from" && string(h.Value) == strconv.Itoa(len(large))
			})
			if len(dead.Value) < 10_000 || !strings.HasPrefix(large, string(dead.Value)) || !size {
				t.Errorf("dead letter has %d bytes and headers %v, want the beginning and the size", len(dead.Value), dead.Headers)
			}
			if n := c.Counts(); n.Written != 2 || n.DeadLetters != 1 || n.Restarts != 0 {
				t.Errorf("counts = %+v, want 2 written, 1 dead letter", n)
			}
		})
	}
}

// Kafka refuses a batch as a whole, for one of its records or for its size.
func TestOnlyTheRecordAtFaultIsRejectedOfABatch(t *testing.T) {
	in := numbered(60)
	in[30] = `{"n":"` + strings.Repeat("x", 1000) + `"}`
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1)
			small := "500"
			if _, err := admin(k.cl).CreateTopic(t.Context(), 1, 1, map[string]*string{"max.message.bytes": &small}, "lines"); err != nil {
				t.Fatal(err)
			}
			s := &source{values: in, batch: 60, topic: "lines"}
			c := startConnector(t, startWorker(t, k.addr(), s.plugin(), more), sourceProps("errors.tolerance", "all",
				"errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1",
				"producer.override.linger.ms", "60000", "producer.override.compression.type", "none")) // the topic's limit is for what arrives
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			want := strings.Join(slices.Delete(slices.Clone(in), 30, 31), " ")
			if got := values(k.consume("lines", 59)); got != want {
				t.Errorf("topic holds %s, want all but the large one", got)
			}
			if got := values(k.consume("bad", 1)); got != in[30] {
				t.Errorf("dead letter = %s, want the large one", got)
			}
			if n := c.Counts(); n.Read != 60 || n.Written != 59 || n.Rejected != 1 || n.DeadLetters != 1 || n.Uncommitted != 0 {
				t.Errorf("counts = %+v, want 60 = 59 + 1", n)
			}
		})
	}
}

// A batch that its topic refuses although each record would fit is no record's
// fault, whatever is tolerated.
func TestBatchThatIsTooLargeForItsTopicIsWrittenInParts(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1)
			small := "500"
			if _, err := admin(k.cl).CreateTopic(t.Context(), 1, 1, map[string]*string{"max.message.bytes": &small}, "lines"); err != nil {
				t.Fatal(err)
			}
			s := &source{values: numbered(60), batch: 60, topic: "lines"}
			c := startConnector(t, startWorker(t, k.addr(), s.plugin(), more), sourceProps("errors.restart.max", "0",
				"producer.override.linger.ms", "60000", "producer.override.compression.type", "none"))
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			if got := values(k.consume("lines", 60)); !inParts(got, numbered(60)) {
				t.Errorf("topic holds %s, want every record once, and each part in order", got)
			}
		})
	}
}

// inParts reports whether got is want, or has the end of want first: a batch that was on
// its way behind one that is refused is taken before the refused records come again.
func inParts(got string, want []string) bool {
	for i := range want {
		if got == strings.Join(slices.Concat(want[i:], want[:i]), " ") {
			return true
		}
	}
	return false
}

// A source without topic.creation leaves it to the brokers to create its topics.
func TestMissingTopicOfASourceIsMadeByTheBrokers(t *testing.T) {
	k := startKafkaWith(t, kfake.AllowAutoTopicCreation())
	s := &source{values: numbered(3), topic: "new"}
	startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sourceProps())
	if got := len(k.consume("new", 3)); got != 3 {
		t.Errorf("topic new has %d records, want 3", got)
	}
}

func TestMissingTopicIsMadeOnlyWhenToldTo(t *testing.T) {
	k := startKafka(t, 1)
	s := &source{values: numbered(1), topic: "new"}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sourceProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	want := "topic new does not exist: create it, or let connector src do so with " +
		"topic.creation.default.replication.factor and topic.creation.default.partitions"
	if got := c.Tasks[0].Status().Trace; got != want {
		t.Errorf("trace = %q, want %q", got, want)
	}
	stop(t, c)
	c = startConnector(t, w, sourceProps("topic.creation.default.replication.factor", "1",
		"topic.creation.default.partitions", "3", "topic.creation.default.cleanup.policy", "compact"))
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	topics, err := admin(k.cl).ListTopics(t.Context(), "new")
	if err != nil || len(topics["new"].Partitions) != 3 {
		t.Errorf("topic has %d partitions, %v, want 3", len(topics["new"].Partitions), err)
	}
}

func TestFullDiskOfTheOffsetFileHoldsTheSourceUp(t *testing.T) {
	k := startKafka(t, 1, "lines")
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := &source{values: numbered(4), batch: 2, topic: "lines", follow: true}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{
		"offset.storage.file.filename": filepath.Join(dir, "offsets"), "offset.flush.interval.ms": "1"})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	c := startConnector(t, w, sourceProps())
	kafkatest.Eventually(t, "the trouble to be shown", func() bool {
		st := c.Tasks[0].Status()
		return st.State == worker.Running && strings.Contains(st.Trace, filepath.Join(dir, "offsets"))
	})
	if got := s.kept(); len(got) > 0 {
		t.Errorf("kept %v although the file cannot be written", got)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "offset 4 kept", func() bool { return slices.Contains(s.kept(), 4) })
	kafkatest.Eventually(t, "the trouble to be gone", func() bool { return c.Tasks[0].Status().Trace == "" })
	if got, want := values(k.consume("lines", 4)), strings.Join(numbered(4), " "); got != want {
		t.Errorf("topic holds %s, want each record once: %s", got, want)
	}
}

func TestPollWaitsWhileTheProduceBufferIsFull(t *testing.T) {
	k := startKafka(t, 1, "lines")
	arrived, release := make(chan struct{}), make(chan struct{})
	k.hold(kmsg.Produce, arrived, release)
	s := &source{values: numbered(2000), batch: 1, topic: "lines"}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c := startConnector(t, w, sourceProps("producer.override.buffer.memory", "2048"))
	<-arrived
	select {
	case <-time.After(200 * time.Millisecond): // nothing more may happen, so there is nothing to wait for
	case <-t.Context().Done():
	}
	if got := c.Counts().Read; got > 300 {
		t.Errorf("read %d records of 9 bytes with a buffer of 2048", got)
	}
	close(release)
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	if got := len(k.consume("lines", 2000)); got != 2000 {
		t.Errorf("topic holds %d records, want 2000", got)
	}
}

func TestKeyedRecordsArePartitionedAsJavaDoes(t *testing.T) {
	k := startKafka(t, 8, "lines")
	w := startWorker(t, k.addr(), keyedSource{}.plugin(), nil)
	c := startConnector(t, w, sourceProps())
	kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
	// murmur2 of "foo" and "21" as Kafka's own test has it, modulo 8.
	want := map[string]int32{"21": -973932308 & 0x7fffffff % 8, "foobar": -790332482 & 0x7fffffff % 8, "pinned": 5}
	for _, r := range k.consume("lines", 3) {
		if r.Partition != want[string(r.Key)] {
			t.Errorf("key %s went to partition %d, want %d", r.Key, r.Partition, want[string(r.Key)])
		}
	}
}

// keyedSource hands out three records with keys once.
type keyedSource struct{ connect.SourceConnector }

func (s keyedSource) plugin() connect.Plugins {
	return connect.Plugins{Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "TestSource"},
		New: func() connect.SourceConnector { return s }}}}
}
func (keyedSource) Start(context.Context, config.Values) error   { return nil }
func (keyedSource) Stop() error                                  { return nil }
func (keyedSource) TaskConfigs(int) ([]map[string]string, error) { return []map[string]string{{}}, nil }
func (keyedSource) NewTask() connect.SourceTask                  { return &keyedTask{} }

type keyedTask struct {
	sourceTask
	done bool
}

func (t *keyedTask) Start(context.Context, connect.SourceContext, config.Values) error {
	return nil
}
func (t *keyedTask) Committed(_, _ map[string]any) {}
func (t *keyedTask) Poll(context.Context) ([]*connect.SourceRecord, error) {
	if t.done {
		return nil, connect.ErrEndOfInput
	}
	t.done = true
	var out []*connect.SourceRecord
	for i, key := range []string{"21", "foobar", "pinned"} {
		r := connect.Record{Topic: "lines", Key: connect.Decoded(nil, key), Value: value(`{}`)}
		if key == "pinned" {
			r.Partition = connect.InPartition(5)
		}
		out = append(out, &connect.SourceRecord{Record: r, SourcePartition: sourcePartition,
			SourceOffset: map[string]any{"position": i + 1}})
	}
	return out, nil
}

// observingSource is a source whose tasks are told where their records are.
type observingSource struct {
	source
	mu   sync.Mutex
	told []string
}

func (s *observingSource) plugin() connect.Plugins {
	return connect.Plugins{Sources: []connect.SourcePlugin{{Info: connect.Info{Class: "TestSource"},
		New: func() connect.SourceConnector { return s }}}}
}

func (s *observingSource) NewTask() connect.SourceTask {
	return &observingTask{sourceTask{s: &s.source}, s}
}

type observingTask struct {
	sourceTask
	all *observingSource
}

func (t *observingTask) Written(r *connect.SourceRecord, in connect.TopicPartition, offset int64) {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	t.all.told = append(t.all.told, fmt.Sprintf("%v at %s %d", r.SourceOffset["position"], in, offset))
}

func TestSourceTaskIsToldWhereItsRecordsAre(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &observingSource{source: source{values: []string{`{"n":1}`, "not JSON", `{"n":3}`}, batch: 3, topic: "lines"}}
			w := startWorker(t, k.addr(), s.plugin(), more)
			c := startConnector(t, w, sourceProps("errors.tolerance", "all"))
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			s.mu.Lock()
			defer s.mu.Unlock()
			if want := []string{"1 at lines-0 0", "3 at lines-0 1"}; !slices.Equal(s.told, want) {
				t.Errorf("the task was told %q, want %q", s.told, want)
			}
		})
	}
}
