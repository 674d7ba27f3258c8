package group_test

import (
	"context"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// metrics are the values of a member by name and label.
func metrics(t *testing.T, m *group.Member) map[string]float64 {
	t.Helper()
	r := prometheus.NewPedanticRegistry()
	if err := r.Register(m.Collector()); err != nil {
		t.Fatal(err)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) != 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, v := range f.GetMetric() {
			name := strings.TrimPrefix(f.GetName(), "kafka_connect_")
			for _, l := range v.GetLabel() {
				name += " " + l.GetValue()
			}
			out[name] = v.GetGauge().GetValue() + v.GetCounter().GetValue() + float64(v.GetHistogram().GetSampleCount())
		}
	}
	return out
}

func TestMetricsSayWhatTheGroupIsAndWhatTheWorkerHas(t *testing.T) {
	k, c := kafkatest.Start(t), &cluster{state: state(7, 3, 4)}
	a := start(t, k.ListenAddrs(), "a:1", c, nil)
	eventually(t, "the first has all", func() bool { return settled(c.state, a) })
	got := metrics(t, a.Member)
	for name, want := range map[string]float64{
		"worker_rebalance_metrics_connect_protocol sessioned": 1,
		"worker_rebalance_metrics_connect_protocol eager":     0,
		"worker_rebalance_metrics_leader_name http://a:1":     1,
		"worker_rebalance_metrics_epoch":                      float64(a.now().Generation),
		"worker_rebalance_metrics_completed_rebalances_total": 1,
		"worker_rebalance_metrics_rebalancing":                0,
		"worker_rebalance_metrics_rebalance_time_seconds":     1,
		"coordinator_metrics_assigned_connectors":             3,
		"coordinator_metrics_assigned_tasks":                  12,
		"coordinator_metrics_failed_rebalance_total":          0,
		"coordinator_metrics_expelled_total":                  0,
	} {
		if v, there := got[name]; !there || v != want {
			t.Errorf("%s = %v, there %t, want %v", name, v, there, want)
		}
	}
	if len(metricNames(got)) != len(group.Metrics()) {
		t.Errorf("%d metrics are there, and %d are listed", len(metricNames(got)), len(group.Metrics()))
	}
	a.stop()
	if err := a.Leave(context.Background()); err != nil {
		t.Fatal(err)
	}
	got = metrics(t, a.Member)
	if v := got["worker_rebalance_metrics_connect_protocol sessioned"]; v != 0 {
		t.Errorf("protocol sessioned after the worker has left = %v, want 0", v)
	}
	if _, there := got["worker_rebalance_metrics_leader_name http://a:1"]; there {
		t.Error("a worker that has left shows a leader")
	}
}

func metricNames(values map[string]float64) map[string]bool {
	out := map[string]bool{}
	for name := range values {
		first, _, _ := strings.Cut(name, " ")
		out[first] = true
	}
	return out
}
