//go:build integration

package standalone_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/logtest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// A real Kafka decides itself whether the offsets of a group may be changed.
func TestOffsetsOfASinkAreAlteredAndResetOnARealKafka(t *testing.T) {
	address, suffix := kafkatest.Real(t)[0], "-"+strings.ToLower(rand.Text()[:8])
	topic := "lines" + suffix
	admin := kadm.NewClient(kafkatest.Client(t, []string{address}))
	if _, err := admin.CreateTopic(t.Context(), 1, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = admin.DeleteTopics(context.Background(), topic) })
	h := fileWorker(t, address, &logtest.Log{}, "offset.flush.interval.ms", "20")
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
	}()
	moveSink(t, h, topic, suffix)
}
