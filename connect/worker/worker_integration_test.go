//go:build integration

package worker_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

// realKafka returns the real Kafka that SUIRO_KAFKA names, and a suffix that no
// other run of the test uses there.
func realKafka(t *testing.T) (address, suffix string) {
	t.Helper()
	return kafkatest.Real(t)[0], strings.ToLower(rand.Text()[:8])
}

// The good records before a bad one arrive once on a real Kafka too, whose
// transactions the embedded one only imitates, and a sink that fails behind them
// has committed what it wrote.
func TestFailingTasksKeepWhatIsSafeOnARealKafka(t *testing.T) {
	address, suffix := realKafka(t)
	lines, offsets := "lines-"+suffix, "offsets-"+suffix
	admin := admin(kafkatest.Client(t, []string{address}))
	if _, err := admin.CreateTopic(t.Context(), 1, 1, nil, lines); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), lines, offsets) })

	bad := numbered(9)
	bad[5] = "cannot be converted"
	once := exactlyOnce()
	once["group.id"], once["offset.storage.topic"], once["offset.storage.replication.factor"] = "w-"+suffix, offsets, "1"
	src := &source{values: bad, batch: 9, topic: lines}
	w := startWorker(t, address, src.plugin(), once)
	c := startConnector(t, w, sourceProps("name", "src-"+suffix, "errors.restart.max", "2",
		"errors.restart.delay.max.ms", "60000"))
	kafkatest.Eventually(t, "the last restart of the source to fail", func() bool {
		return c.Counts().Restarts == 2 && c.Tasks[0].Status().State == worker.Failed
	})
	stop(t, c)
	kafkatest.Produce(t, []string{address}, &kgo.Record{Topic: lines, Value: []byte(`not json`)})
	if got, want := values(kafkatest.Consume(t, []string{address}, lines, 6)), strings.Join(append(numbered(5), "not json"), " "); got != want {
		t.Errorf("topic holds %s, want %s", got, want)
	}

	out := &sink{}
	snk := startConnector(t, startWorker(t, address, out.plugin(), nil),
		sinkProps("name", "snk-"+suffix, "topics", lines, "errors.restart.max", "2", "errors.restart.delay.max.ms", "60000",
			"transforms", "numbers", "transforms.numbers.type", "OnlyNumbers"))
	kafkatest.Eventually(t, "the last restart of the sink to fail", func() bool {
		return snk.Counts().Restarts == 2 && snk.Tasks[0].Status().State == worker.Failed
	})
	if got := out.values(); len(got) != 5 {
		t.Errorf("written %q, want the five good records once", got)
	}
	group, err := admin.FetchOffsets(t.Context(), "connect-snk-"+suffix)
	if o, ok := group.Lookup(lines, 0); err != nil || !ok || o.At < 5 {
		t.Errorf("committed %+v, %v, want what is behind the good records", o, err)
	}
}

// A real Kafka refuses a batch within a transaction without ending it.
func TestBatchThatIsTooLargeForItsTopicIsWrittenInPartsOnARealKafka(t *testing.T) {
	for name, more := range guarantees() {
		t.Run(name, func(t *testing.T) {
			address, suffix := realKafka(t)
			lines, offsets, small := "lines-"+suffix, "offsets-"+suffix, "500"
			admin := admin(kafkatest.Client(t, []string{address}))
			if _, err := admin.CreateTopic(t.Context(), 1, 1, map[string]*string{"max.message.bytes": &small}, lines); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), lines, offsets) })
			if more = merged(more); more["offset.storage.topic"] != "" {
				more["group.id"], more["offset.storage.topic"], more["offset.storage.replication.factor"] = "w-"+suffix, offsets, "1"
			}
			s := &source{values: numbered(60), batch: 60, topic: lines}
			c := startConnector(t, startWorker(t, address, s.plugin(), more), sourceProps("name", "src-"+suffix,
				"errors.restart.max", "0", "producer.override.linger.ms", "60000", "producer.override.compression.type", "none"))
			kafkatest.Eventually(t, "the end of the input", func() bool { return c.Counts().EndOfInput })
			got := values(kafkatest.Consume(t, []string{address}, lines, 60))
			if !inParts(got, numbered(60)) {
				t.Errorf("topic holds %s, want every record once, and each part in order", got)
			}
		})
	}
}

// What a bad record holds up is its own partition behind it, over all restarts,
// and on a real Kafka too nothing comes twice.
func TestGoodRecordsAroundABadOneAreWrittenOnARealKafka(t *testing.T) {
	address, suffix := realKafka(t)
	topic := "in-" + suffix
	cl := kafkatest.Client(t, []string{address}, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	admin := admin(cl)
	if _, err := admin.CreateTopic(t.Context(), 2, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), topic) })
	for _, r := range []*kgo.Record{
		{Value: []byte(`{"n":0}`)}, {Value: []byte(`not json`)}, {Value: []byte(`{"n":2}`)},
		{Partition: 1, Value: []byte(`{"n":10}`)}, {Partition: 1, Value: []byte(`{"n":12}`)},
	} {
		r.Topic = topic
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	s := &sink{}
	c := startConnector(t, startWorker(t, address, s.plugin(), map[string]string{"offset.flush.interval.ms": "3600000"}),
		sinkProps("name", "snk-"+suffix, "topics", topic, "errors.restart.max", "2", "errors.restart.delay.max.ms", "60000",
			"errors.restart.delay.ms", "1", "transforms", "numbers", "transforms.numbers.type", "OnlyNumbers"))
	kafkatest.Eventually(t, "the last restart to fail", func() bool {
		return c.Counts().Restarts == 2 && c.Tasks[0].Status().State == worker.Failed
	})
	got := s.values()
	slices.Sort(got)
	if want := []string{`0:{"n":0}`, `0:{"n":10}`, `1:{"n":12}`}; !slices.Equal(got, want) {
		t.Errorf("written %q, want %q, each once", got, want)
	}
	group, err := admin.FetchOffsets(t.Context(), "connect-snk-"+suffix)
	if err != nil {
		t.Fatal(err)
	}
	for partition, want := range map[int32]int64{0: 1, 1: 2} {
		if o, ok := group.Lookup(topic, partition); !ok || o.At != want {
			t.Errorf("partition %d: committed %+v, want %d", partition, o, want)
		}
	}
}

func TestTransactionsBeyondTheLimitOfARealKafkaAreNotTriedAgain(t *testing.T) {
	address, suffix := realKafka(t)
	offsets, once := "offsets-"+suffix, exactlyOnce()
	once["group.id"], once["offset.storage.topic"], once["offset.storage.replication.factor"] = "w-"+suffix, offsets, "1"
	admin := admin(kafkatest.Client(t, []string{address}))
	t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), offsets) })
	w := startWorker(t, address, (&source{topic: "lines"}).plugin(), once)
	c := startConnector(t, w, sourceProps("name", "src-"+suffix, "errors.restart.delay.ms", "1",
		"producer.override.transaction.timeout.ms", "86400000"))
	kafkatest.Eventually(t, "FAILED", func() bool {
		s := c.Tasks[0].Status()
		return s.State == worker.Failed && strings.Contains(s.Trace, "set producer.override.transaction.timeout.ms")
	})
	if n := c.Counts().Restarts; n != 0 {
		t.Errorf("restarted %d times, want none", n)
	}
}

// Topics come and go under a pattern. The task goes on with the others, as Kafka
// Connect's does, and reads one that was made anew from its beginning.
func TestTopicsOfAPatternComeAndGoOnARealKafka(t *testing.T) {
	address, suffix := realKafka(t)
	cl := kafkatest.Client(t, []string{address})
	admin := admin(cl)
	stays, goes := suffix+"-stays", suffix+"-goes"
	create := func(topic string) {
		t.Helper()
		if _, err := admin.CreateTopic(t.Context(), 1, 1, nil, topic); err != nil {
			t.Fatal(err)
		}
	}
	create(stays)
	t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), stays, goes) })
	s := &sink{}
	props := sinkProps("name", "snk-"+suffix, "topics.regex", suffix+"-.*", "value.converter", "String",
		"consumer.override.metadata.max.age.ms", "500")
	delete(props, "topics")
	c := startConnector(t, startWorker(t, address, s.plugin(), nil), props)
	arrives := func(topic, value string) {
		t.Helper()
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		kafkatest.Eventually(t, value, func() bool {
			return slices.ContainsFunc(s.values(), func(got string) bool { return strings.HasSuffix(got, ":"+value) })
		})
	}
	for round := range 4 {
		create(goes)
		for n := range 4 - round { // fewer each time, so that offsets of before are behind the end
			arrives(goes, fmt.Sprintf("goes %d.%d", round, n))
		}
		if _, err := admin.DeleteTopic(t.Context(), goes); err != nil {
			t.Fatal(err)
		}
		cl.PurgeTopicsFromProducing(goes)
		arrives(stays, fmt.Sprintf("stays %d", round))
		if round%2 == 0 { // else it is made anew at once
			kafkatest.Eventually(t, "the partition to be closed", func() bool { return c.Counts().Partitions == 1 })
		}
	}
	if got := c.Counts(); got.Restarts != 0 {
		t.Errorf("the task was restarted %d times, want that it goes on", got.Restarts)
	}
}
