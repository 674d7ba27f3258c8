//go:build integration

package kafka_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/confine"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A real broker takes the same bombs.
func TestBombsOfARealBrokerStayWithinTheMemoryOfTheProcess(t *testing.T) {
	brokers := kafkatest.Real(t)
	if !confine.Test(t, hardLimit) {
		return
	}
	adm := kadm.NewClient(kafkatest.Client(t, brokers))
	name := fmt.Sprintf("bombs-%d", time.Now().UnixNano())
	honest := name + "-honest"
	kinds := append(append(bombs(kgo.CodecZstd), bombs(kgo.CodecGzip)...), plain()...)
	t.Cleanup(func() { _, _ = adm.DeleteTopics(context.WithoutCancel(t.Context()), name, honest) })
	for topic, partitions := range map[string]int{name: len(kinds), honest: 1} {
		made := kafka.Topic{Name: topic, Partitions: int32(partitions), Replication: 1}
		if err := made.Create(t.Context(), adm); err != nil {
			t.Fatal(err)
		}
	}
	lay(t, brokers, name, kinds)
	passBombs(t, brokers, name, honest, kinds)
}
