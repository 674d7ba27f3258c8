package kafka_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

func TestCreateMakesTheTopicOnce(t *testing.T) {
	adm := kadm.NewClient(kafkatest.Client(t, kafkatest.Start(t).ListenAddrs()))
	topic := kafka.Topic{Name: "log", Partitions: 3, Replication: 1, Configs: map[string]string{"cleanup.policy": "compact"}}
	for range 2 {
		if err := topic.Create(t.Context(), adm); err != nil {
			t.Fatalf("Create: %v", err)
		}
	}
	topics, err := adm.ListTopics(t.Context(), "log")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(topics["log"].Partitions), 3; got != want {
		t.Errorf("the topic has %d partitions, want %d", got, want)
	}
	configs, err := adm.DescribeTopicConfigs(t.Context(), "log")
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, c := range configs[0].Configs {
		if c.Key == "cleanup.policy" {
			got = c.MaybeValue()
		}
	}
	if got != "compact" {
		t.Errorf("cleanup.policy = %q, want compact", got)
	}
}

func TestCreateLeavesPartitionsAndReplicasToTheBroker(t *testing.T) {
	adm := kadm.NewClient(kafkatest.Client(t, kafkatest.Start(t).ListenAddrs()))
	for name, c := range map[string]struct {
		partitions int32
		want       int
	}{"one": {0, 1}, "default": {-1, 10}} {
		if err := (kafka.Topic{Name: name, Partitions: c.partitions}).Create(t.Context(), adm); err != nil {
			t.Fatalf("Create: %v", err)
		}
		topics, err := adm.ListTopics(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(topics[name].Partitions); got != c.want {
			t.Errorf("a topic of %d partitions has %d, want %d", c.partitions, got, c.want)
		}
	}
}

func TestCreateSaysWhatToChange(t *testing.T) {
	adm := kadm.NewClient(kafkatest.Client(t, kafkatest.Start(t).ListenAddrs()))
	err := kafka.Topic{Name: "log", Replication: 3,
		ReplicationKey: "offset.storage.replication.factor"}.Create(t.Context(), adm)
	if !errors.Is(err, kerr.InvalidReplicationFactor) {
		t.Errorf("Create with more replicas than brokers = %v, want INVALID_REPLICATION_FACTOR", err)
	}
	for _, want := range []string{"create topic log with 1 partitions and 3 replicas", "set offset.storage.replication.factor"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Create = %v, want an error with %q", err, want)
		}
	}
}

func TestCreateDoesNotSayWhatTheBrokerChooses(t *testing.T) {
	adm := kadm.NewClient(kafkatest.Client(t, kafkatest.Start(t).ListenAddrs()))
	err := kafka.Topic{Name: "log", Partitions: -1, Replication: 3}.Create(t.Context(), adm)
	if want := "create topic log with 3 replicas: "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Create = %v, want it to begin with %q", err, want)
	}
}
