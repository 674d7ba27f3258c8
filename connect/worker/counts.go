package worker

import (
	"cmp"
	"slices"

	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker/internal/counts"
)

// Counts are what a task did since its connector was started, over all its
// restarts.
type Counts = counts.Counts

// Metric is a metric of a worker or task as its page describes it.
type Metric = counts.Metric

// Metrics lists the metrics that every task of sources or sinks has, by name; no
// worker needs to run.
func Metrics() []Metric {
	out := append(counts.Metrics(plan.Source), counts.Metrics(plan.Sink)...)
	slices.SortFunc(out, func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b Metric) bool { return a.Name == b.Name })
}
