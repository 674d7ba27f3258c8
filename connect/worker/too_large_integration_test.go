//go:build integration

package worker_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

func TestABatchThatIsTooLargeBecomesADeadLetterOnARealKafka(t *testing.T) {
	address, suffix := realKafka(t)
	topic, bad := "in-"+suffix, "bad-"+suffix
	brokers := []string{address}
	admin := admin(kafkatest.Client(t, brokers))
	if _, err := admin.CreateTopic(t.Context(), 1, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), topic, bad) })
	k := &kafka{t: t, cl: kafkatest.Client(t, brokers)}
	k.produce(topic, `{"n":0}`)
	bombs[0].Produce(t, brokers, topic, 0)
	k.produce(topic, `{"n":1}`)
	s := &sink{}
	c := startConnector(t, startWorker(t, address, s.plugin(), nil), sinkProps("name", "snk-"+suffix, "topics", topic,
		"errors.restart.max", "0", "errors.tolerance", "all", "errors.deadletterqueue.topic.name", bad,
		"errors.deadletterqueue.topic.replication.factor", "1"))
	kafkatest.Eventually(t, "the good records, or a failure", func() bool {
		return c.Counts().Written == 2 || c.Tasks[0].Status().Trace != ""
	})
	got := s.values()
	slices.Sort(got)
	if want := `0:{"n":0} 3001:{"n":1}`; strings.Join(got, " ") != want {
		t.Errorf("written %q, want %s; trace: %s", got, want, c.Tasks[0].Status().Trace)
	}
	if got, want := where(kafkatest.Consume(t, brokers, bad, 1)[0]), topic+"-0@1"; got != want {
		t.Errorf("the dead letter is of %s, want %s", got, want)
	}
	kafkatest.Eventually(t, "the commit behind the batch", func() bool { return k.committed("connect-snk-"+suffix, topic) == 3002 })
}
