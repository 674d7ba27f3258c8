package worker_test

import (
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// A broker that is restarted while a worker starts is waited for.
func TestStartOutlastsARestart(t *testing.T) {
	kafkatest.EachRestart(t, func(t *testing.T, addr string) {
		startWorker(t, addr, (&sink{}).plugin(), nil)
	})
}
