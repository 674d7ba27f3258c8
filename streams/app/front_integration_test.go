//go:build integration

package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// topics makes topics of a name of their own on a real Kafka: in and out.
func topics(t *testing.T, brokers []string, partitions int32) (in, out string) {
	t.Helper()
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	id := fmt.Sprintf("front-%d", time.Now().UnixNano())
	in, out = id+"-in", id+"-out"
	if _, err := adm.CreateTopics(t.Context(), partitions, 1, nil, in, out); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = adm.DeleteTopics(context.Background(), in, out, id+"-dlq")
		_, _ = adm.DeleteGroups(context.Background(), id)
	})
	return in, out
}

// copier writes what it reads.
func copier(t *testing.T, in, out string) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	copies(b, in, out)
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

func idOf(in string) map[string]string {
	return map[string]string{"application.id": strings.TrimSuffix(in, "-in")}
}

// transact writes one transaction of n records to a partition, and commits or aborts.
func transact(t *testing.T, brokers []string, topic string, partition int32, n int, end kgo.TransactionEndTry) {
	t.Helper()
	cl := kafkatest.Client(t, brokers, kgo.TransactionalID(topic+"-writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		cl.Produce(t.Context(), &kgo.Record{Topic: topic, Partition: partition, Value: fmt.Appendf(nil, "v%d", i)}, nil)
	}
	if err := cl.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := cl.EndTransaction(t.Context(), end); err != nil {
		t.Fatal(err)
	}
}

// In topics that are written in transactions the last offset of each transaction is a
// marker, which is no record: when all is committed, nothing is behind. That holds for
// what Kafka's own tools show too, and after a restart.
func TestLagOfTransactionalTopicsGoesToZero(t *testing.T) {
	brokers := kafkatest.Real(t)
	in, out := topics(t, brokers, 2)
	for p := range int32(2) {
		transact(t, brokers, in, p, 10, kgo.TryCommit)
		transact(t, brokers, in, p, 10, kgo.TryAbort)
	}
	for life := range 2 { // the second one starts behind the last marker
		w := watch(t, copier(t, in, out), brokers, idOf(in))
		w.run()
		known := func() bool { return len(gather(t, w.App)["kafka_streams_records_lag"].GetMetric()) == 2 }
		kafkatest.Eventually(t, "nothing is behind", func() bool {
			return known() && metric(t, w.App, "kafka_streams_records_lag") == 0
		})
		kafkatest.Consume(t, brokers, out, 20+10*life)
		transact(t, brokers, in, 0, 10, kgo.TryCommit)
		kafkatest.Consume(t, brokers, out, 30+10*life)
		kafkatest.Eventually(t, "nothing is behind again", func() bool {
			return metric(t, w.App, "kafka_streams_records_lag") == 0
		})
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
	}
}

// The second instance takes half of the partitions, and gives them back when it goes.
// Each of them says so in one line.
func TestLogOfARebalanceOnRealKafka(t *testing.T) {
	brokers := kafkatest.Real(t)
	in, out := topics(t, brokers, 4)
	first := watch(t, copier(t, in, out), brokers, idOf(in))
	first.run()
	first.until(app.Running)
	second := watch(t, copier(t, in, out), brokers, idOf(in))
	second.run()
	kafkatest.Eventually(t, "both have two partitions", func() bool {
		_, a := first.get("/health")
		_, b := second.get("/health")
		return a["partitions"] == 2.0 && b["partitions"] == 2.0 && first.State() == app.Running && second.State() == app.Running
	})
	if err := second.end(); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the first has all partitions", func() bool {
		_, a := first.get("/health")
		return a["partitions"] == 4.0 && first.State() == app.Running
	})
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	const changed = `why="the members or the topics of the group changed"`
	for _, tt := range []struct {
		w     *watched
		words []string
	}{
		{first, []string{`why="the thread joined the group"`, "went=none"}},
		{first, []string{changed, "came=none", "went=" + in}},
		{first, []string{changed, "came=" + in, "went=none"}},
	} {
		if lines := tt.w.log.with(append(tt.words, "group rebalanced")...); len(lines) != 1 {
			t.Errorf("%d lines with %q, want 1 of:\n%s", len(lines), tt.words, strings.Join(tt.w.log.with(), "\n"))
		}
	}
	// It joins without partitions and gets them when the first has given them up.
	if lines := second.log.with("group rebalanced", "came="+in, "went=none"); len(lines) != 1 {
		t.Errorf("%d lines about what came, want 1:\n%s", len(lines), strings.Join(second.log.with(), "\n"))
	}
	for _, w := range []*watched{first, second} {
		if lines := w.log.with("level=WARN"); len(lines) > 0 {
			t.Errorf("warnings, want none:\n%s", strings.Join(lines, "\n"))
		}
	}
}

func TestMissingTopicsOnRealKafka(t *testing.T) {
	brokers := kafkatest.Real(t)
	in, out := topics(t, brokers, 2)
	gone := in + "x"
	w := watch(t, copier(t, gone, out), brokers, idOf(in))
	says(t, w.Run(t.Context()), "input topic "+gone+" does not exist (did you mean "+in+"?)",
		"kafka-topics.sh --bootstrap-server "+brokers[0]+" --create --partitions 4 --topic "+gone)

	props := idOf(in)
	props["create.topics"], props["create.topics.partitions"] = "true", "3"
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	t.Cleanup(func() { _, _ = adm.DeleteTopics(context.Background(), gone) })
	w = watch(t, copier(t, gone, out), brokers, props)
	w.run()
	w.until(app.Running)
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: gone, Partition: 2, Value: []byte("v")})
	kafkatest.Consume(t, brokers, out, 1)
	if _, h := w.get("/health"); h["partitions"] != 3.0 {
		t.Errorf("/health is %v, want 3 partitions", h)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	if lines := w.log.with("topics are created", gone); len(lines) != 1 {
		t.Errorf("%d lines about the topic, want 1", len(lines))
	}
}

// A real broker tells of deleted topics in its own time, and answers threads that read and write them
// in several ways: the app ends with what to do.
func TestTopicsThatAreDeletedOnRealKafkaEndTheApp(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ topic, want string }{
		"a changelog":         {"-counts-changelog", "-counts-changelog was deleted while the app runs: either bring the topic back"},
		"a repartition topic": {"-by-key-repartition", "-by-key-repartition was deleted while the app runs"},
		"an input":            {"-in", "-in was deleted while the app runs, and has not existed for task.timeout.ms (2s)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := onReal(t, 2, nil)
			w := watch(t, countsOf(t, r.in), r.brokers, map[string]string{"application.id": r.id(), "task.timeout.ms": "2000",
				"metadata.max.age.ms": "200"})
			adm := kadm.NewClient(kafkatest.Client(t, r.brokers))
			t.Cleanup(func() {
				_, _ = adm.DeleteTopics(context.Background(), r.id()+"-counts-changelog", r.id()+"-by-key-repartition")
			})
			w.run()
			produce(t, r.brokers, r.in, 0, 100)
			kafkatest.Eventually(t, "all is counted", func() bool { return total(t, w.App) == 100 })
			looked(t, adm, r.id()+tt.topic)
			if _, err := adm.DeleteTopics(t.Context(), r.id()+tt.topic); err != nil {
				t.Fatal(err)
			}
			if tt.topic != "-in" {
				produce(t, r.brokers, r.in, 100, 100)
			}
			select {
			case err := <-w.done:
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("the app ends with %v, want an error with %q", err, tt.want)
				}
			case <-time.After(kafkatest.Patience):
				t.Fatal("the app runs on")
			}
		})
	}
}

// A loaded app whose broker goes away for longer than a transaction may last says so
// once, shows it, and continues: each record is written once.
func TestLoadedAppShowsAnOutageOfKafka(t *testing.T) {
	kafkatest.Real(t) // says what is needed; this broker is the test's own
	own := servicetest.Own(t)
	own.Run("kafka.sh", "up")
	brokers := []string{own.Kafka()}
	in, out := topics(t, brokers, 2)
	w := watch(t, copier(t, in, out), brokers, idOf(in))
	w.run()
	w.until(app.Running)
	ctx, cancel := context.WithCancel(t.Context())
	written := make(chan int, 1)
	go func() { written <- load(ctx, brokers, in) }()
	kafkatest.Eventually(t, "it writes", func() bool { return metric(t, w.App, "kafka_streams_thread_commit_total") > 5 })

	own.Run("kafka.sh", "kill")
	began := time.Now()
	kafkatest.Eventually(t, "it is not ready", func() bool { code, _ := w.get("/ready"); return code == 503 })
	code, h := w.get("/health")
	if b := h["brokers"].(map[string]any); code != 200 || b["reachable"] != false {
		t.Errorf("/health is %d %v, want 200 and brokers that cannot be reached", code, h)
	}
	if got := metric(t, w.App, "kafka_streams_brokers_reachable"); got != 0 {
		t.Errorf("kafka_streams_brokers_reachable is %v, want 0", got)
	}
	_, since, _ := strings.Cut(fmt.Sprint(h["brokers"]), "since:")
	if at, err := time.Parse(time.RFC3339, strings.TrimSuffix(since, "]")); err != nil || time.Since(at) > time.Minute {
		t.Errorf("brokers are %v, want since when they are away", h["brokers"])
	}
	away := time.NewTimer(12 * time.Second) // a transaction may last for 10
	<-away.C
	own.Run("kafka.sh", "up")
	kafkatest.Eventually(t, "it is ready again", func() bool { code, _ := w.get("/ready"); return code == 200 })
	reminders := int(time.Since(began) / time.Minute) // on a busy machine it takes as long
	cancel()
	n := <-written
	seen := map[string]int{}
	for _, r := range kafkatest.Consume(t, brokers, out, n) {
		seen[string(r.Value)]++
	}
	kafkatest.Eventually(t, "nothing is behind", func() bool {
		return w.State() == app.Running && metric(t, w.App, "kafka_streams_records_lag") == 0
	})
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	for v, times := range seen {
		if times != 1 {
			t.Errorf("record %s was written %d times, want once", v, times)
		}
	}
	if down, back := w.log.with("kafka cannot be reached"), w.log.with("kafka can be reached again"); len(down) < 1 ||
		len(down) > 1+reminders || len(back) != 1 {
		t.Errorf("%d lines when it went and %d when it was back, want 1, and one each minute, and 1", len(down), len(back))
	}
	t.Logf("the log:\n%s", strings.Join(w.log.with(), "\n"))
	if lines := w.log.with("level=WARN"); len(lines) > 3+2*reminders {
		t.Errorf("%d warnings, want 3 at most, and two each minute:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

// load writes records until ctx is done, each acknowledged, and returns how many.
func load(ctx context.Context, brokers []string, topic string) int {
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic(topic))
	if err != nil {
		return 0
	}
	defer cl.Close()
	n := 0
	for ; ctx.Err() == nil; n++ {
		if err := cl.ProduceSync(context.Background(), kgo.StringRecord(fmt.Sprint(n))).FirstErr(); err != nil {
			return n
		}
	}
	return n
}
