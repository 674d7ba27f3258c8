package worker_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// A Put that hangs fails nothing: the status tells it apart from a task that works.
func TestATaskThatHangsWhileItsLagGrowsIsShown(t *testing.T) {
	k := startKafka(t, 1, "in")
	hangs := make(chan struct{})
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		if len(records) > 0 {
			<-hangs
		}
		return s.keep(records)
	}}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.stall.timeout.ms", "50"))
	k.produce("in", "1")
	kafkatest.Eventually(t, "the task to be shown as stalled", func() bool {
		k.produce("in", "2")
		got := c.Tasks[0].Status()
		return got.State == worker.Running && strings.Contains(got.Trace, "errors.stall.timeout.ms") &&
			c.Counts().Stalled == 1
	})
	close(hangs)
	kafkatest.Eventually(t, "the task to work again", func() bool {
		return c.Tasks[0].Status() == worker.Status{State: worker.Running} && c.Counts().Stalled == 0
	})
}
