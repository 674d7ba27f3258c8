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

// The name may come from what is in a record, so that one record must not stop the
// others.
func TestRecordsForNamesThatNoTopicHasAreBad(t *testing.T) {
	names := []string{"..", ".", "", "../../etc/passwd", "a b", "größe", "a\x00", strings.Repeat("x", 250), strings.Repeat("x", 1<<20)}
	k := startKafka(t, 1, "lines")
	s := &source{values: numbered(len(names) + 2), topic: "lines", batch: 4}
	s.edit = func(r *connect.SourceRecord) *connect.SourceRecord {
		if i := int(r.SourceOffset["position"].(int64)) - 2; i >= 0 && i < len(names) {
			r.Topic = names[i]
		}
		return r
	}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sourceProps("errors.tolerance", "all",
		"errors.restart.max", "0", "errors.deadletterqueue.topic.name", "bad", "errors.deadletterqueue.topic.replication.factor", "1"))
	kafkatest.Eventually(t, "the end of the input, or a failure", func() bool {
		return c.Counts().EndOfInput || c.Tasks[0].Status().Trace != ""
	})
	n := c.Counts()
	if n.Written != 2 || n.DeadLetters != int64(len(names)) || c.Tasks[0].Status().Trace != "" {
		t.Errorf("counts = %+v, trace = %.500s, want 2 written and %d dead letters", n, c.Tasks[0].Status().Trace, len(names))
	}
}

// panicky is a connector's task whose answers panic.
type panicky struct{ *sinkTask }

func (panicky) Waiting() error { panic("what do I wait for?") }

func TestAPanicOfATaskThatIsAskedWhyItWaitsIsItsTrace(t *testing.T) {
	k := startKafka(t, 1, "in")
	s := &sink{}
	plugins := s.plugin()
	plugins.Sinks[0].New = func() connect.SinkConnector { return panickySink{s} }
	c := startConnector(t, startWorker(t, k.addr(), plugins, nil), sinkProps())
	kafkatest.Eventually(t, "the panic", func() bool {
		return strings.HasPrefix(c.Tasks[0].Status().Trace, "panic: what do I wait for?")
	})
}

type panickySink struct{ *sink }

func (s panickySink) NewTask() connect.SinkTask { return panicky{&sinkTask{s: s.sink}} }
