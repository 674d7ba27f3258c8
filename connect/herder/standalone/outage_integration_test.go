//go:build integration

package standalone_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/logtest"
	"github.com/suiro/suiro/internal/servicetest"
	"github.com/twmb/franz-go/pkg/kadm"
)

// A real broker is killed for more than 20 seconds under a source and a sink of four
// tasks. What an operator sees: a warning when it goes, one line when it is back, and
// a worker that is alive and not ready.
func TestARealBrokerGoesAndComesBack(t *testing.T) {
	own := servicetest.Own(t)
	own.Run("kafka.sh", "up")
	admin := kadm.NewClient(kafkatest.Client(t, []string{own.Kafka()}))
	if _, err := admin.CreateTopic(t.Context(), 4, 1, nil, "lines"); err != nil {
		t.Fatal(err)
	}
	log := &logtest.Log{}
	h := fileWorker(t, own.Kafka(), log, "offset.flush.interval.ms", "1000")
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
		t.Logf("logged\n%s", strings.Join(log.Lines(""), "\n"))
	}()
	source, out := lines(t, 1000), filepath.Join(t.TempDir(), "out")
	delete(source, "file.end")
	for name, config := range map[string]map[string]string{"src": source,
		"snk": {"connector.class": "FileStreamSink", "file": out, "topics": "lines", "tasks.max": "4"}} {
		if _, _, err := h.Put(t.Context(), name, config, ""); err != nil {
			t.Fatal(err)
		}
	}
	written := func(n int) func() bool {
		return func() bool {
			text, err := os.ReadFile(out)
			return err == nil && strings.Count(string(text), "\n") >= n
		}
	}
	kafkatest.Eventually(t, "a thousand lines", written(1000))
	kafkatest.Eventually(t, "readiness", func() bool { return h.Ready().Ready })

	own.Run("kafka.sh", "kill")
	kafkatest.Eventually(t, "the broker to be away for 20 s", func() bool {
		b := h.Health().Brokers
		return !b.Reachable && time.Since(b.Since) > 20*time.Second
	})
	if got := h.Health(); got.Status != api.Healthy || !strings.Contains(got.Message, "waits for Kafka") {
		t.Errorf("health = %+v, want healthy and that it waits", got)
	}
	if got := h.Ready(); got.Ready || !strings.Contains(got.Reasons[0], "no broker can be reached since") {
		t.Errorf("readiness = %+v, want not ready, and why", got)
	}
	f, err := os.OpenFile(source["file"], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(strings.Repeat("more\n", 500)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	own.Run("kafka.sh", "up")
	kafkatest.Eventually(t, "all lines", written(1500))
	kafkatest.Eventually(t, "readiness again", func() bool { return h.Ready().Ready })

	got := append(log.Lines("level=WARN"), log.Lines("level=ERROR")...)
	got = slices.DeleteFunc(got, func(line string) bool { return strings.Contains(line, " away=") }) // reminders
	if len(got) != 1 || !strings.Contains(got[0], "kafka cannot be reached, trying again") {
		t.Errorf("warned of\n%s\nwant one line", strings.Join(got, "\n"))
	}
	if got := log.Lines("kafka can be reached again"); len(got) != 1 {
		t.Errorf("logged %q, want one line that it is back", got)
	}
}
