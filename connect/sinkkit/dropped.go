package sinkkit

import (
	"cmp"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Dropped logs records, files or whatever else a task leaves out, without filling the
// log: the first of each kind at once, and the others as a count, at most once in
// Every. It is for what a task drops itself: what it gives to
// [connect.SinkContext.Report] is logged by the worker. The fields are set before
// the first use; then it may be used from any goroutine.
type Dropped struct {
	// Log takes the messages.
	Log *slog.Logger
	// Message says what happened to the first record of a kind, for instance
	// "elasticsearch refused a document and it was dropped".
	Message string
	// More is the message of a summary. Default: "more records were dropped".
	More string
	// Every is the least time between two summaries. Default: a minute.
	Every time.Duration

	mu      sync.Mutex     // guards the rest
	more    map[string]int // by kind, since the last summary; has each kind that was met
	summary time.Time      // when the last one was logged, or the first record came
}

// Note notes one dropped record. kind is from a small set, such as the type of an
// error. The attributes of the first record of a kind are logged; they name it and
// say why, and hold nothing of its contents.
func (d *Dropped) Note(kind string, attrs ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.more == nil {
		d.more, d.summary = map[string]int{}, time.Now()
	}
	if _, met := d.more[kind]; !met {
		d.more[kind] = 0
		d.Log.Warn(d.Message+"; further ones are counted", append([]any{"kind", kind}, attrs...)...)
		return
	}
	d.more[kind]++
	if time.Since(d.summary) >= orMinute(d.Every) {
		d.sum()
	}
}

// Close logs what no summary has told yet. A task calls it when it stops.
func (d *Dropped) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sum()
}

// sum logs the counts since the last summary. d.mu is held.
func (d *Dropped) sum() {
	var parts []string
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(d.more)) {
		if n := d.more[kind]; n > 0 {
			parts = append(parts, kind+": "+strconv.Itoa(n))
			total += n
			d.more[kind] = 0
		}
	}
	d.summary = time.Now()
	if total > 0 {
		d.Log.Warn(cmp.Or(d.More, "more records were dropped"), "count", total, "kinds", strings.Join(parts, ", "))
	}
}

func orMinute(d time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return time.Minute
}
