package worker_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// What cannot be kept must not be written again and again: the task fails and says
// what it was.
func TestPositionsThatCannotBeKeptFailTheTask(t *testing.T) {
	huge := map[string]any{"filename": strings.Repeat("x", 10<<20)}
	for what, edit := range map[string]func(*connect.SourceRecord){
		"source partition": func(r *connect.SourceRecord) { r.SourcePartition = huge },
		"source offset":    func(r *connect.SourceRecord) { r.SourceOffset = huge },
	} {
		for name, more := range guarantees() {
			t.Run(what+" "+name, func(t *testing.T) {
				k := startKafka(t, 1, "lines")
				s := &source{values: numbered(1), topic: "lines", follow: true, edit: func(r *connect.SourceRecord) *connect.SourceRecord {
					edit(r)
					return r
				}}
				w := startWorker(t, k.addr(), s.plugin(), more)
				c := startConnector(t, w, sourceProps("errors.restart.max", "0"))
				kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
				got := c.Tasks[0].Status().Trace
				if want := what + " of connector src has 10485"; !strings.Contains(got, want) || len(got) > 2000 {
					t.Errorf("trace = %.500s, want %q", got, want)
				}
			})
		}
	}
}
