package connecttest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/backing"
)

var _ connect.SourceContext = (*SourceContext)(nil)

// Rejection is one call of [SourceContext.Reject].
type Rejection struct {
	// Record holds the bytes of the input that could not become a record, and the
	// source offset after them.
	Record *connect.SourceRecord
	// Reason is why, as the dead letter would say it.
	Reason error
}

// SourceContext is a fake [connect.SourceContext] that keeps offsets in memory. To
// test a restart, start another task with the same SourceContext. It is safe for
// concurrent use.
type SourceContext struct {
	mu       sync.Mutex // guards the rest
	offsets  map[string]map[string]any
	rejected []Rejection
	strict   bool
	metrics  metrics
}

// NewSourceContext returns a SourceContext without offsets that tolerates
// every error.
func NewSourceContext() *SourceContext {
	return &SourceContext{metrics: newMetrics(), offsets: map[string]map[string]any{}}
}

// Tolerate sets errors.tolerance: all for true, none for false.
func (c *SourceContext) Tolerate(all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.strict = !all
}

// Keep stores the offset of a source partition, as the worker does once the
// records before it are acknowledged. As in a worker, the offset becomes JSON and
// is read back: whole numbers are int64 afterwards.
func (c *SourceContext) Keep(partition, offset map[string]any) {
	text, err := json.Marshal(offset)
	if err != nil {
		panic(fmt.Sprintf("connecttest: source offset %v has no JSON form: %v", offset, err))
	}
	back, err := backing.DecodeMap(text)
	if err != nil {
		panic(fmt.Sprintf("connecttest: source offset %s: %v", text, err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offsets[partitionKey(partition)] = back
}

// Rejected returns what was rejected so far, in order.
func (c *SourceContext) Rejected() []Rejection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.rejected)
}

// Offset implements [connect.SourceContext].
func (c *SourceContext) Offset(_ context.Context, partition map[string]any) (map[string]any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offsets[partitionKey(partition)], nil
}

// Reject implements [connect.SourceContext].
func (c *SourceContext) Reject(_ context.Context, r *connect.SourceRecord, reason error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.strict {
		return fmt.Errorf("%w: %w", ErrNotTolerated, reason)
	}
	c.rejected = append(c.rejected, Rejection{r, reason})
	return nil
}

// Metrics implements [connect.SourceContext].
func (c *SourceContext) Metrics() prometheus.Registerer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.metrics.registry
}

// NewLife forgets the metrics of the task before, as a worker does when another life
// of a task begins. The functions that start a task call it.
func (c *SourceContext) NewLife() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.metrics = newMetrics()
}

// Metric returns the value of a metric that the task registered, the last one that
// was started with this context, added up over
// its series; of a histogram the number of observations. The test fails when
// there is none of that name.
func (c *SourceContext) Metric(t testing.TB, name string) float64 {
	t.Helper()
	c.mu.Lock()
	now := c.metrics
	c.mu.Unlock()
	return now.value(t, name)
}

// Logger implements [connect.SourceContext]; it writes nowhere.
func (c *SourceContext) Logger() *slog.Logger { return quiet() }

// partitionKey is the stable JSON form of a source partition.
func partitionKey(partition map[string]any) string {
	text, err := json.Marshal(partition)
	if err != nil {
		panic(fmt.Sprintf("connecttest: source partition %v has no JSON form: %v", partition, err))
	}
	return string(text)
}
