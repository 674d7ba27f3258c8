// Package odd collects the records of a topic that are not what belongs into it, for
// one line in the log.
package odd

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Records are records that were left alone. It is safe for concurrent use.
type Records struct {
	// Log takes the line.
	Log *slog.Logger
	// Text is what the line says.
	Text string

	mu    sync.Mutex // guards the rest
	n     int
	first string // topic-partition@offset
	why   error
}

// Add notes a record and why it was left alone. The reason must show nothing of what
// the record holds that may be secret.
func (o *Records) Add(r *kgo.Record, why error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n++; o.n == 1 {
		o.first, o.why = fmt.Sprintf("%s-%d@%d", r.Topic, r.Partition, r.Offset), why
	}
}

// Warn logs what was added since the last call, if anything was.
func (o *Records) Warn() {
	o.mu.Lock()
	n, first, why := o.n, o.first, o.why
	o.n, o.first, o.why = 0, "", nil
	o.mu.Unlock()
	if n > 0 {
		o.Log.Warn(o.Text, "records", n, "first", first, "reason", why)
	}
}
