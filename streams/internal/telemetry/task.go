package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The reasons for which a record is dropped.
const (
	// Late is the reason of a record that came after the grace of all its windows.
	Late = "late"
	// ByProcessor is the reason of a record that a processor dropped.
	ByProcessor = "processor"
	// ByHandler is the reason of a record that an exception handler left out.
	ByHandler = "exception_handler"
)

// Chosen stands for the topics that records choose themselves: there may be any number.
const Chosen = "chosen by record"

// Task counts for one task. All methods are safe for concurrent use.
type Task struct {
	all                                 *Metrics
	records, seconds, batches, enforced prometheus.Counter
	late, dropped, skipped              prometheus.Counter
	deadLetters, restored               prometheus.Counter
	rejected                            map[string]prometheus.Counter // by stage; it does not change
}

// Processed counts a batch, of which the latest record was so far behind the stream time.
func (t *Task) Processed(records int, took, lateness time.Duration) {
	t.records.Add(float64(records))
	t.seconds.Add(took.Seconds())
	t.all.process.Observe(took.Seconds())
	t.all.lateness.Observe(lateness.Seconds())
}

// Punctuated observes how long a punctuation took.
func (t *Task) Punctuated(took time.Duration) { t.all.punctuate.Observe(took.Seconds()) }

// Enforced counts records that were processed although another partition had none.
func (t *Task) Enforced(records int) { t.enforced.Add(float64(records)) }

// Acknowledged counts a batch whose outputs are all acknowledged.
func (t *Task) Acknowledged() { t.batches.Inc() }

// Dropped counts a record that a processor left out.
func (t *Task) Dropped() { t.dropped.Inc() }

// Skipped counts a record that failed and that an exception handler left out.
func (t *Task) Skipped() { t.skipped.Inc() }

// Late counts a record that came too late.
func (t *Task) Late() { t.late.Inc() }

// Rejected counts a record that failed at a stage.
func (t *Task) Rejected(stage string) {
	if c := t.rejected[stage]; c != nil {
		c.Inc()
	}
}

// DeadLetter counts a record that was sent to the dead letters.
func (t *Task) DeadLetter() { t.deadLetters.Inc() }

// Restored counts a record of the changelog.
func (t *Task) Restored() { t.restored.Inc() }

// Visible observes how old a record of a topic was when what became of it was
// committed.
func (t *Task) Visible(topic string, age time.Duration) {
	t.all.endToEnd.WithLabelValues(topic).Observe(max(age, 0).Seconds())
}
