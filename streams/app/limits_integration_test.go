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
)

// real is what an app has on the real broker: topics of its own, which are deleted afterwards.
type real struct {
	brokers      []string
	in, out, dlq string
}

// onReal makes the topics with these settings and partitions.
func onReal(t *testing.T, partitions int32, configs map[string]map[string]string) real {
	t.Helper()
	brokers := kafkatest.Real(t)
	prefix := fmt.Sprintf("limits-%d-", time.Now().UnixNano())
	r := real{brokers, prefix + "in", prefix + "out", prefix + "dlq"}
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	for _, topic := range []string{"in", "out", "dlq"} {
		values := map[string]*string{}
		for key, value := range configs[topic] {
			values[key] = &value
		}
		if _, err := adm.CreateTopic(t.Context(), partitions, 1, values, prefix+topic); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_, _ = adm.DeleteTopics(context.Background(), r.in, r.out, r.dlq)
		_, _ = adm.DeleteGroups(context.Background(), r.id())
	})
	return r
}

// id is the application.id.
func (r real) id() string { return strings.TrimSuffix(r.in, "-in") }

// watch returns the app on these topics, which has not started.
func (r real) watch(t *testing.T, props map[string]string) *watched {
	t.Helper()
	all := map[string]string{"application.id": r.id(), "compression.type": "none",
		"errors.dead.letter.queue.topic.name": r.dlq, "metadata.max.age.ms": "200"}
	for key, value := range props {
		all[key] = value
	}
	return watch(t, keyedOf(t, r.in, r.out), r.brokers, all)
}

// A real broker refuses records for reasons of their own, in words and codes of its own: the app
// learns what the topic takes, rejects the record, and goes on.
func TestAppsLearnWhatTopicsOfARealBrokerTake(t *testing.T) {
	t.Parallel()
	anyTime := map[string]string{"message.timestamp.after.max.ms": "9223372036854775807"}
	ahead := time.Now().Add(3 * time.Hour) // by default brokers take what is an hour ahead
	for name, tt := range map[string]struct {
		configs map[string]map[string]string
		bad     *kgo.Record
		dead    string
	}{
		"output too large": {map[string]map[string]string{"out": {"max.message.bytes": "40000"}},
			&kgo.Record{Key: []byte("k"), Value: noise(300_000)}, "is over its max.message.bytes"},
		"output of another time": {map[string]map[string]string{"in": anyTime, "dlq": anyTime},
			&kgo.Record{Key: []byte("k"), Value: []byte("early"), Timestamp: ahead}, "ahead of the clock"},
		"dead letter of another time": {map[string]map[string]string{"in": anyTime},
			&kgo.Record{Key: []byte("k"), Value: []byte("bad"), Timestamp: ahead}, "bad value"},
		"output without a key": {map[string]map[string]string{"out": {"cleanup.policy": "compact"}},
			&kgo.Record{Value: []byte("keyless")}, "without a key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := onReal(t, 1, tt.configs)
			w := r.watch(t, nil)
			w.run()
			tt.bad.Topic = r.in
			large(t, r.brokers, tt.bad, &kgo.Record{Topic: r.in, Key: []byte("honest"), Value: []byte("honest")})
			dead := headersOf(kafkatest.Consume(t, r.brokers, r.dlq, 1)[0])
			if got := dead["__streams.errors.message"]; !strings.Contains(got, tt.dead) || dead["__streams.errors.offset"] != "0" {
				t.Errorf("dead letter of offset %s: %q, want one of offset 0 with %q", dead["__streams.errors.offset"], got, tt.dead)
			}
			if got := kafkatest.Consume(t, r.brokers, r.out, 1)[0].Value; string(got) != "HONEST" {
				t.Errorf("output %.20q, want HONEST", got)
			}
			if err := w.end(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// An internal topic with the bounds that brokers have by default, as one that Kafka Streams has made,
// refuses what is more than an hour ahead: that is rejected, and the rest is counted.
func TestInternalTopicsOfARealBrokerMayRefuseTimes(t *testing.T) {
	t.Parallel()
	for _, topic := range []string{"counts-changelog", "by-key-repartition"} {
		t.Run(topic, func(t *testing.T) {
			t.Parallel()
			r := onReal(t, 1, map[string]map[string]string{"in": {"message.timestamp.after.max.ms": "9223372036854775807"}})
			own := r.id() + "-" + topic
			adm := kadm.NewClient(kafkatest.Client(t, r.brokers))
			if _, err := adm.CreateTopic(t.Context(), 1, 1, nil, own); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_, _ = adm.DeleteTopics(context.Background(), r.id()+"-counts-changelog", r.id()+"-by-key-repartition")
			})
			w := watch(t, countsOf(t, r.in), r.brokers, map[string]string{"application.id": r.id(),
				"errors.dead.letter.queue.topic.name": r.dlq})
			w.run()
			kafkatest.Produce(t, r.brokers, &kgo.Record{Topic: r.in, Key: []byte("k"), Timestamp: time.Now().Add(50 * time.Minute)})
			kafkatest.Eventually(t, "the first record is counted", func() bool { return total(t, w.App) == 1 })
			kafkatest.Produce(t, r.brokers, &kgo.Record{Topic: r.in, Key: []byte("k"), Timestamp: time.Now().Add(3 * time.Hour)})
			dead := headersOf(kafkatest.Consume(t, r.brokers, r.dlq, 1)[0])["__streams.errors.message"]
			if !strings.Contains(dead, "message.timestamp.after.max.ms") || !strings.Contains(dead, own) {
				t.Errorf("dead letter %q, want one that names the bound of topic %s", dead, own)
			}
			kafkatest.Produce(t, r.brokers, &kgo.Record{Topic: r.in, Key: []byte("k"), Timestamp: time.Now()})
			kafkatest.Eventually(t, "the last record is counted", func() bool { return total(t, w.App) == 2 })
			if len(w.log.with("refuses records because of their timestamps", own)) == 0 {
				t.Error("the log does not tell of the topic")
			}
			if err := w.end(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A real broker tells of partitions that are added when it knows them itself, before their leaders
// do: the threads go on, and read them.
func TestPartitionsThatAreAddedOnARealBrokerAreRead(t *testing.T) {
	t.Parallel()
	r := onReal(t, 2, nil)
	w := r.watch(t, map[string]string{"num.stream.threads": "2"})
	produce(t, r.brokers, r.in, 0, 20)
	w.run()
	kafkatest.Consume(t, r.brokers, r.out, 20)
	grow(t, r.brokers, r.in, 3)
	kafkatest.Eventually(t, "there is a task for each partition", func() bool {
		return metric(t, w.App, "kafka_streams_tasks", "state=running") == 5
	})
	produce(t, r.brokers, r.in, 20, 50)
	kafkatest.Consume(t, r.brokers, r.out, 70)
	if got := metric(t, w.App, "kafka_streams_failed_stream_threads_total"); got != 0 {
		t.Errorf("%v threads have failed, want none", got)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}
