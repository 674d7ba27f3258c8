package metrics_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/herder"
)

// member is a worker of which only the metrics of its group are known.
type member struct{ group prometheus.Collector }

func (m member) Metrics() herder.WorkerMetrics { return herder.WorkerMetrics{Group: m.group} }

func TestThePageHasTheMetricsOfAWorkersGroup(t *testing.T) {
	rebalances := prometheus.NewCounter(prometheus.CounterOpts{Name: "rebalances_total", Help: "Rebalances."})
	rebalances.Add(3)
	if got := page(t, member{rebalances}); !has(got, "rebalances_total 3") {
		t.Errorf("the page of a worker in a group lacks rebalances_total 3:\n%s", got)
	}
	if got := page(t, member{}); has(got, "rebalances_total 3") {
		t.Errorf("the page of a worker without a group has rebalances_total:\n%s", got)
	}
}
