package app_test

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
)

// forget deletes the records of partition 0 below an offset, as retention does.
func forget(t *testing.T, brokers []string, topic string, below int64) {
	t.Helper()
	var offsets kadm.Offsets
	offsets.Add(kadm.Offset{Topic: topic, At: below})
	resp, err := kadm.NewClient(kafkatest.Client(t, brokers)).DeleteRecords(t.Context(), offsets)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What retention took away before the app had read it is told and counted, once.
func TestRecordsDeletedBeforeTheyWereReadAreTold(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(1, "in", "out")).ListenAddrs()
	dir := map[string]string{"state.dir": t.TempDir()}
	produce(t, brokers, "in", 0, 3)
	w := watch(t, upper(t), brokers, dir)
	w.run()
	kafkatest.Eventually(t, "all is committed", func() bool {
		return w.State() == app.Running && metric(t, w.App, "kafka_streams_topic_records_consumed_total", "topic=in") == 3 &&
			metric(t, w.App, "kafka_streams_records_lag") == 0
	})
	if got := metric(t, w.App, "kafka_streams_records_missed_total", "topic=in"); got != 0 {
		t.Errorf("%v offsets are missed before anything was deleted", got)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	produce(t, brokers, "in", 3, 5)
	forget(t, brokers, "in", 6)
	w = watch(t, upper(t), brokers, dir)
	w.run()
	kafkatest.Consume(t, brokers, "out", 5)
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	if got := metric(t, w.App, "kafka_streams_records_missed_total", "topic=in"); got != 3 {
		t.Errorf("%v offsets are missed, want 3 to 5", got)
	}
	if lines := w.log.with("level=WARN", "records were deleted before they were read", "partition=in-0", "from=3", "to=5"); len(lines) != 1 {
		t.Errorf("%d lines tell what is missed, want 1:\n%s", len(lines), strings.Join(w.log.with(), "\n"))
	}
}

// grow gives a topic more partitions.
func grow(t *testing.T, brokers []string, topic string, by int) {
	t.Helper()
	resp, err := kadm.NewClient(kafkatest.Client(t, brokers)).CreatePartitions(t.Context(), by, topic)
	if err == nil {
		err = resp.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Partitions that are added to the input of an app without state are read; the threads go
// on.
func TestPartitionsThatAreAddedAreRead(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(2, "in", "out")).ListenAddrs()
	w := watch(t, upper(t), brokers, map[string]string{"metadata.max.age.ms": "200", "num.stream.threads": "2"})
	produce(t, brokers, "in", 0, 20)
	w.run()
	kafkatest.Consume(t, brokers, "out", 20)
	grow(t, brokers, "in", 3)
	kafkatest.Eventually(t, "there is a task for each partition", func() bool {
		return metric(t, w.App, "kafka_streams_tasks", "state=running") == 5
	})
	produce(t, brokers, "in", 20, 50)
	kafkatest.Consume(t, brokers, "out", 70)
	if got := metric(t, w.App, "kafka_streams_failed_stream_threads_total"); got != 0 {
		t.Errorf("%v threads have failed, want none", got)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}

// State cannot follow partitions that are added: keys would move, and changelogs have no
// place for them. The app ends and says so.
func TestPartitionsThatAreAddedToStateEndTheApp(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.SeedTopics(2, "in")).ListenAddrs()
	w := watch(t, build(t, func(in *words) { streams.Count(streams.GroupByKey(in, streams.String()), "counts") }), brokers, map[string]string{"metadata.max.age.ms": "200"})
	produce(t, brokers, "in", 0, 20)
	w.run()
	w.until(app.Running)
	grow(t, brokers, "in", 2)
	err := <-w.done
	says(t, err, "more than the 2 partitions", "reset the app first")
	w.shows("after it", 500, "unhealthy", "ERROR", 503, "more than the 2 partitions")
}
