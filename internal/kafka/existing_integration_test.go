//go:build integration

package kafka_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// A broker answers that there is no topic, creates it, and says so a moment later.
func TestARealBrokerCreatesTopics(t *testing.T) {
	cl := kafkatest.Client(t, kafkatest.Real(t))
	topic := fmt.Sprintf("existing-%d", time.Now().UnixNano())
	t.Cleanup(func() { _, _ = kadm.NewClient(cl).DeleteTopics(context.WithoutCancel(t.Context()), topic) })
	if got, err := kafka.Existing(t.Context(), cl, false, topic); err != nil || len(got) > 0 {
		t.Errorf("Existing = %v, %v, want nothing", got, err)
	}
	kafkatest.Eventually(t, "the topic", func() bool {
		got, err := kafka.Existing(t.Context(), cl, true, topic)
		return err == nil && got[topic] > 0
	})
}
