package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/topology"
)

// An internal topic that is deleted while the app runs, or made again, as brokers do for anybody
// who asks, ends the app with what to do. Its handler of uncaught errors is asked, and nothing
// more is written. It is noticed although nothing happens, too.
func TestInternalTopicsThatAreDeletedEndARunningApp(t *testing.T) {
	const changelog, repartition = "front-counts-changelog", "front-by-key-repartition"
	for name, tt := range map[string]struct {
		topic       string
		again, busy bool
		want        []string
	}{
		"a changelog":                    {changelog, false, false, []string{"changelog " + changelog, "bring the topic back"}},
		"a changelog of a busy app":      {changelog, false, true, []string{changelog, "bring the topic back"}},
		"a changelog made again":         {changelog, true, false, []string{changelog, "made again", "bring the topic back"}},
		"a repartition topic":            {repartition, false, false, []string{repartition, "start the app again"}},
		"a repartition topic made again": {repartition, true, false, []string{repartition, "made again"}},
	} {
		t.Run(name, func(t *testing.T) {
			brokers := kafkatest.Start(t, kfake.SeedTopics(2, "in")).ListenAddrs()
			var asked atomic.Int32
			w := &watched{t: t, log: &journal{}, done: make(chan error, 1)}
			var err error
			w.App, err = app.New(counts(t), map[string]string{"application.id": "front", "bootstrap.servers": brokers[0],
				"state.dir": t.TempDir(), "metadata.max.age.ms": "100",
			}, &app.Options{Logger: slog.New(slog.NewTextHandler(w.log, nil)), Handlers: handlers.Handlers{
				Uncaught: func(error) handlers.ThreadResponse { asked.Add(1); return handlers.ShutdownClient },
			}})
			if err != nil {
				t.Fatal(err)
			}
			produce(t, brokers, "in", 0, 100)
			w.run()
			kafkatest.Eventually(t, "all is counted", func() bool { return total(t, w.App) == 100 })
			adm := kadm.NewClient(kafkatest.Client(t, brokers))
			looked(t, adm, tt.topic)
			if _, err := adm.DeleteTopics(t.Context(), tt.topic); err != nil {
				t.Fatal(err)
			}
			if tt.again {
				if _, err := adm.CreateTopics(t.Context(), 2, 1, nil, tt.topic); err != nil {
					t.Fatal(err)
				}
			}
			if tt.busy {
				produce(t, brokers, "in", 100, 100)
			}
			select {
			case err = <-w.done:
			case <-time.After(kafkatest.Patience):
				t.Fatal("the app runs on")
			}
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("the app ends with %v, want an error with %q", err, want)
				}
			}
			w.shows("after the topic was deleted", 500, "unhealthy", "ERROR", 503, tt.topic)
			if asked.Load() == 0 || metric(t, w.App, "kafka_streams_failed_stream_threads_total") == 0 {
				t.Errorf("the handler was asked %d times, want it to be asked, and a thread to be counted", asked.Load())
			}
		})
	}
}

// looked waits until a Guard has certainly seen a topic: for a few times metadata.max.age.ms.
func looked(t *testing.T, adm *kadm.Client, topic string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	if found, err := adm.ListTopics(t.Context(), topic); err != nil || !found.Has(topic) {
		t.Fatalf("topic %s is not there: %v", topic, err)
	}
}

// A topic that a record chooses, and that does not exist, is waited for, and ends the app after
// task.timeout.ms with what to do.
func TestATopicThatDoesNotExistEndsTheAppInTheEnd(t *testing.T) {
	brokers := cluster(t, "in", "out")
	w := watch(t, byValue(t), brokers, map[string]string{"task.timeout.ms": "1000"})
	w.run()
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("out")}, &kgo.Record{Topic: "in", Value: []byte("gone")})
	select {
	case err := <-w.done:
		for _, want := range []string{"topic gone has not existed for task.timeout.ms (1s)", "in-0@",
			"kafka-topics.sh --create --topic gone", "production.exception.handler"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the app ends with %v, want an error with %q", err, want)
			}
		}
	case <-time.After(2 * kafkatest.Patience):
		t.Fatal("the app runs on")
	}
	w.shows("after that", 500, "unhealthy", "ERROR", 503, "topic gone")
}

// A topic that comes in time is written, each record once.
func TestATopicThatIsMadeInTimeIsWritten(t *testing.T) {
	brokers := cluster(t, "in", "out")
	w := watch(t, byValue(t), brokers, nil)
	w.run()
	for i, topic := range []string{"out", "late", "out"} {
		kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Key: fmt.Append(nil, "k"), Value: []byte(topic),
			Timestamp: time.UnixMilli(int64(1000 + i))})
	}
	kafkatest.Eventually(t, "the log names the topic", func() bool {
		return len(w.log.with("a stream thread failed and is replaced", "produce to late")) > 0
	})
	if _, err := kadm.NewClient(kafkatest.Client(t, brokers)).CreateTopics(t.Context(), 1, 1, nil, "late"); err != nil {
		t.Fatal(err)
	}
	same(t, "late", kafkatest.Values(kafkatest.Consume(t, brokers, "late", 1)), []string{"late"})
	same(t, "out", kafkatest.Values(kafkatest.Consume(t, brokers, "out", 2)), []string{"out", "out"})
	if err := w.end(); err != nil {
		t.Error(err)
	}
}

// twoInputs writes what two topics have to another one.
func twoInputs(t *testing.T) *topology.Topology {
	t.Helper()
	b := streams.NewBuilder()
	for _, topic := range []string{"in", "other"} {
		streams.To(streams.Stream(b, topic, streams.String(), streams.String()), "out", streams.String(), streams.String())
	}
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// An input topic that is deleted while the app runs is waited for. Its health and the log name the
// topic, the app is not ready, and goes on with the others; when the topic is made again, it is read.
func TestAnInputTopicThatIsDeletedIsWaitedFor(t *testing.T) {
	brokers := cluster(t, "in", "other", "out")
	w := watch(t, twoInputs(t), brokers, map[string]string{"metadata.max.age.ms": "100"})
	w.run()
	write := func(topic, value string) {
		t.Helper()
		kafkatest.Produce(t, brokers, &kgo.Record{Topic: topic, Value: []byte(value)})
	}
	ready := func() bool { code, _ := w.get("/ready"); return code == 200 }
	write("in", "a")
	write("other", "b")
	kafkatest.Consume(t, brokers, "out", 2)
	kafkatest.Eventually(t, "the app is ready", ready)
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	looked(t, adm, "other")
	if _, err := adm.DeleteTopics(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	const why = "input topic other does not exist any more, and the app waits for it"
	kafkatest.Eventually(t, "the app says that the topic is gone", func() bool {
		_, h := w.get("/health")
		_, r := w.get("/ready")
		return h["message"] == why && strings.Contains(fmt.Sprint(r["reasons"]), why)
	})
	if code, _ := w.get("/health"); code != 200 || ready() {
		t.Errorf("/health is %d, want 200, and ready %v, want false", code, ready())
	}
	if n := len(w.log.with("an input topic was deleted while the app runs", "topic=other")); n != 1 {
		t.Errorf("the log names the topic %d times, want once", n)
	}
	write("in", "c")
	kafkatest.Consume(t, brokers, "out", 3)
	if _, err := adm.CreateTopics(t.Context(), 4, 1, nil, "other"); err != nil {
		t.Fatal(err)
	}
	write("other", "d")
	kafkatest.Consume(t, brokers, "out", 4)
	kafkatest.Eventually(t, "the app is ready again", ready)
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}

// One that does not come back ends the app after task.timeout.ms, with what to do.
func TestAnInputTopicThatIsGoneEndsTheAppInTheEnd(t *testing.T) {
	brokers := cluster(t, "in", "other", "out")
	w := watch(t, twoInputs(t), brokers, map[string]string{"metadata.max.age.ms": "100", "task.timeout.ms": "1000"})
	w.run()
	w.until(app.Running)
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	looked(t, adm, "other")
	if _, err := adm.DeleteTopics(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-w.done:
		for _, want := range []string{"input topic other was deleted while the app runs", "task.timeout.ms (1s)",
			"kafka-topics.sh --bootstrap-server " + brokers[0] + " --create --topic other"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the app ends with %v, want an error with %q", err, want)
			}
		}
	case <-time.After(kafkatest.Patience):
		t.Fatal("the app runs on")
	}
	w.shows("after that", 500, "unhealthy", "ERROR", 503, "input topic other")
}
