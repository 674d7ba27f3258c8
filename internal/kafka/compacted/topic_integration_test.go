//go:build integration

package compacted_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/compacted"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A real broker makes the topic, says that it is compacted, and has transaction
// markers at its end.
func TestTopicOnARealBroker(t *testing.T) {
	brokers := kafkatest.Real(t)
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	name := fmt.Sprintf("compacted-test-%d", time.Now().UnixNano())
	t.Cleanup(func() { _, _ = adm.DeleteTopics(context.WithoutCancel(t.Context()), name, name+"-deleted") })
	opts := []kgo.Opt{kgo.SeedBrokers(brokers...)}
	seen := &values{last: map[string]string{}}
	topic, err := compacted.Open(t.Context(), kafka.Topic{Name: name, Partitions: 3, Replication: 1}, opts, seen.apply)
	if err != nil {
		t.Fatal(err)
	}
	defer topic.Close()
	write(t, topic, "a", "1")
	cl := kafkatest.Client(t, brokers, kgo.TransactionalID(name), kgo.DefaultProduceTopic(name))
	for _, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort} {
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := cl.ProduceSync(t.Context(), kgo.KeyStringRecord("b", fmt.Sprint(bool(end)))).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	refresh(t, topic)
	if got, want := fmt.Sprint(seen.last), "map[a:1 b:true]"; got != want {
		t.Errorf("values = %s, want %s", got, want)
	}
	if err := (kafka.Topic{Name: name + "-deleted", Replication: 1}).Create(t.Context(), adm); err != nil {
		t.Fatal(err)
	}
	_, err = compacted.Open(t.Context(), kafka.Topic{Name: name + "-deleted"}, opts, nil)
	if want := "cleanup.policy is delete"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Open of a topic that is not compacted = %v, want an error with %q", err, want)
	}
}
