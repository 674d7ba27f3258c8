package elasticsearch

import "sync/atomic"

// stats are counters since the task started.
type stats struct {
	written  atomic.Int64
	rejected atomic.Int64
	skipped  atomic.Int64
	requests atomic.Int64
	retries  atomic.Int64
	sent     atomic.Int64
	pauses   atomic.Int64
}

// Metrics returns the task's counters and gauges by name. The names end in
// -total for counters. It may be called from any goroutine.
func (t *SinkTask) Metrics() map[string]float64 {
	w := t.writer
	if w == nil {
		return nil
	}
	w.mu.Lock()
	records, bytes, attempts := w.records, w.bytes, len(w.attempts)
	w.mu.Unlock()
	return map[string]float64{
		"documents-written-total": float64(w.stats.written.Load()),
		"records-rejected-total":  float64(w.stats.rejected.Load()),
		"records-skipped-total":   float64(w.stats.skipped.Load()),
		"bulk-requests-total":     float64(w.stats.requests.Load()),
		"bulk-retries-total":      float64(w.stats.retries.Load()),
		"bytes-sent-total":        float64(w.stats.sent.Load()),
		"pauses-total":            float64(w.stats.pauses.Load()),
		"records-buffered":        float64(records),
		"bytes-buffered":          float64(bytes),
		"requests-in-flight":      float64(attempts),
	}
}
