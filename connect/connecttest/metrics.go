package connecttest

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what a task registered.
type metrics struct{ registry *prometheus.Registry }

func newMetrics() metrics { return metrics{prometheus.NewRegistry()} }

// value adds up the series of a metric.
func (m metrics) value(t testing.TB, name string) float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatalf("metrics of the task: %v", err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		sum := 0.0
		for _, s := range f.GetMetric() {
			sum += s.GetCounter().GetValue() + s.GetGauge().GetValue() + s.GetUntyped().GetValue() +
				float64(s.GetHistogram().GetSampleCount()) + float64(s.GetSummary().GetSampleCount())
		}
		return sum
	}
	t.Fatalf("the task has registered no metric %s", name)
	return 0
}
