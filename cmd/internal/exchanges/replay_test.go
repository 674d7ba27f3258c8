package exchanges_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// What Kafka Connect's worker has answered, ours answers too, but for what the scripts list.
func TestRecordedExchangesAreAnsweredAlike(t *testing.T) {
	brokers := kafkatest.Start(t, kfake.NumBrokers(1), kfake.AllowAutoTopicCreation()).ListenAddrs()
	w := newWorker(t, "our worker", start(t, properties(brokers, "ours")), "ours")
	for _, s := range scripts(t) {
		t.Run(s.name(), func(t *testing.T) {
			if !s.alone() {
				t.Parallel()
			}
			for _, step := range s.steps {
				w.replay(t, s, step)
			}
		})
	}
}

// eventually asks until the answers differ as a step says. What changes something is asked
// once; what it changes shows a moment later.
func eventually(s *step, ask func() []string) []string {
	diffs := ask()
	for deadline := time.Now().Add(30 * time.Second); strings.HasPrefix(s.request.first, "GET ") &&
		!slices.Equal(diffs, s.differs) && time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		diffs = ask()
	}
	return diffs
}

// replay sends a recorded request, and complains about what is answered otherwise.
func (w *worker) replay(t *testing.T, s *script, step *step) {
	t.Helper()
	if step.until != "" {
		w.until(t, step)
		return
	}
	diffs := eventually(step, func() []string { return differences(step.java, w.ask(t, step.request)) })
	if !slices.Equal(diffs, step.differs) {
		t.Errorf("%s:%d: %s\n    differs by\n    %s\n    want\n    %s", s.path, step.line, step.request,
			strings.Join(diffs, "\n    "), strings.Join(step.differs, "\n    "))
	}
}
