//go:build integration

package configs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A real broker fences the former leader with errors of its own, and ends the
// transaction that it has left open.
func TestARealBrokerFencesTheFormerLeader(t *testing.T) {
	brokers := kafkatest.Real(t)
	name := fmt.Sprintf("configs-test-%d", time.Now().UnixNano())
	id := "connect-cluster-" + name
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	t.Cleanup(func() { _, _ = adm.DeleteTopics(context.WithoutCancel(t.Context()), name) })
	open := func() *configs.Store {
		s, err := configs.Open(t.Context(), name, &configs.Options{Replication: 1, TransactionalID: id,
			Settings: map[string]string{"min.insync.replicas": "1", "cleanup.policy": "delete"}}, kgo.SeedBrokers(brokers...))
		must(t, err)
		t.Cleanup(s.Close)
		return s
	}
	first, second := open(), open()
	must(t, first.Claim(t.Context()))
	must(t, first.PutTasks(t.Context(), "none", nil))
	must(t, first.PutConnector(t.Context(), "a", map[string]string{"n": "1"}, configs.Paused))
	abandoned := kafkatest.Client(t, brokers, kgo.TransactionalID(id), kgo.DefaultProduceTopic(name),
		kgo.RecordPartitioner(kafka.Partitioner()))
	must(t, abandoned.BeginTransaction())
	must(t, abandoned.ProduceSync(t.Context(), &kgo.Record{Key: []byte("connector-a")}).FirstErr())

	if err := first.PutConnector(t.Context(), "a", nil, ""); !errors.Is(err, configs.ErrFenced) {
		t.Errorf("PutConnector of the former leader = %v, want ErrFenced", err)
	}
	must(t, second.Claim(t.Context()))
	must(t, second.PutTasks(t.Context(), "a", []map[string]string{{"t": "0"}, {"t": "1"}}))
	must(t, first.Refresh(t.Context()))
	for _, s := range []*configs.Store{first, second} {
		state := s.Snapshot()
		if state.Connectors["a"]["n"] != "1" || len(state.TaskIDs("a")) != 2 || state.Targets["a"] != configs.Paused {
			t.Errorf("snapshot = %+v, want the connector with two tasks", state)
		}
	}
}
