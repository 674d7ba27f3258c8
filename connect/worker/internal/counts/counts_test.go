package counts

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/plan"
)

// A number that monitoring does not see, or that says nothing, was forgotten.
func TestEveryNumberIsShown(t *testing.T) {
	declared := reflect.TypeFor[Numbers[int64]]()
	for i := range declared.NumField() {
		f := declared.Field(i)
		shown := 0
		for group := range groups {
			if f.Tag.Get(group) != "" {
				shown++
			}
		}
		if shown == 0 || f.Tag.Get("help") == "" {
			t.Errorf("%s has no name for monitoring or no help", f.Name)
		}
	}
}

func TestASnapshotHoldsEveryNumber(t *testing.T) {
	var c Counters
	for i, n := range fields(&c.Numbers) {
		n.Store(int64(i + 1))
	}
	c.Commit(nil)
	c.Commit(errors.New("no coordinator"))
	s := c.Snapshot()
	if s.Read != 1 || s.Commits != 10 || s.CommitFailures != 11 || s.Partitions != 15 || s.LastCommit.IsZero() {
		t.Errorf("Snapshot = %+v, want the numbers from 1 on, with a commit and a failure more", s)
	}
	sum := s.Plus(s)
	if sum.Read != 2 || sum.Partitions != 30 || sum.LastCommit != s.LastCommit {
		t.Errorf("Plus = %+v, want twice the numbers", sum)
	}
}

// collected are counts in a registry.
type collected struct {
	counts Counts
	of     plan.Type
}

func (collected) Describe(chan<- *prometheus.Desc)      {}
func (c collected) Collect(ch chan<- prometheus.Metric) { c.counts.Collect(c.of, nil, ch) }

func TestANumberIsShownUnderTheNameOfItsSide(t *testing.T) {
	var c Counts
	c.Read, c.Retries, c.Lag = 7, 2, 5
	for of, want := range map[plan.Type]map[string]float64{
		plan.Source: {"kafka_connect_source_task_metrics_source_record_poll_total": 7,
			"kafka_connect_task_error_metrics_retries_total": 2},
		plan.Sink: {"kafka_connect_sink_task_metrics_sink_record_read_total": 7,
			"kafka_connect_sink_task_metrics_sink_record_lag": 5},
	} {
		got := map[string]float64{}
		registry := prometheus.NewRegistry()
		registry.MustRegister(collected{c, of})
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			m := f.GetMetric()[0]
			got[f.GetName()] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
			if counts := m.GetCounter() != nil; counts != strings.HasSuffix(f.GetName(), "_total") {
				t.Errorf("%s is a counter: %v", f.GetName(), counts)
			}
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s = %v, want %v", of, name, got[name], value)
			}
		}
		if _, shown := got["kafka_connect_sink_task_metrics_sink_record_lag"]; shown != (of == plan.Sink) {
			t.Errorf("%s: lag is shown: %v", of, shown)
		}
	}
}
