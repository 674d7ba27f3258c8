package marks

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
)

// latencies are how many records were measured on their way through the task.
func latencies(t *testing.T, c *counts.Counters) uint64 {
	t.Helper()
	ch := make(chan prometheus.Metric, 1000)
	c.Collect(plan.Sink, nil, ch)
	close(ch)
	desc := ""
	for _, m := range counts.Metrics(plan.Sink) {
		if m.Name == "kafka_connect_sink_task_metrics_sink_record_e2e_latency_seconds" {
			desc = prometheus.NewDesc(m.Name, m.Help, nil, nil).String()
		}
	}
	for m := range ch {
		var shown dto.Metric
		if err := m.Write(&shown); err != nil {
			t.Fatal(err)
		}
		if m.Desc().String() == desc {
			return shown.GetHistogram().GetSampleCount()
		}
	}
	t.Fatal("the latency is not shown")
	return 0
}

func TestABatchIsMeasuredOnceWhenItIsCommitted(t *testing.T) {
	var c counts.Counters
	var m Marks
	now := time.Now()
	for end := int64(10); end <= 50; end += 10 {
		m.Add(end, now)
	}
	for _, step := range []struct {
		committed int64
		want      uint64
	}{{9, 0}, {30, 3}, {35, 3}, {30, 3}, {50, 5}, {60, 5}} {
		m.Committed(step.committed, &c.Latency)
		if got := latencies(t, &c); got != step.want {
			t.Errorf("measured with %d committed: %d batches, want %d", step.committed, got, step.want)
		}
	}
}

// A sink that commits once an hour has any number of batches in between.
func TestBatchesOfALongTimeAreRememberedInPart(t *testing.T) {
	var m Marks
	now := time.Now()
	for end := int64(1); end <= 10_000; end++ {
		m.Add(end, now)
	}
	if len(m) > mostMarks || m[0].end != 1 || m[len(m)-1].end != 10_000 {
		t.Errorf("%d batches are remembered, from %d to %d, want %d at most, from 1 to 10000", len(m), m[0].end,
			m[len(m)-1].end, mostMarks)
	}
}
