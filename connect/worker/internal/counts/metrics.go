package counts

import (
	"reflect"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/plan"
)

// groups are the beginnings of names, by the tag of a number.
var groups = map[string]string{
	string(plan.Source): "kafka_connect_source_task_metrics_",
	string(plan.Sink):   "kafka_connect_sink_task_metrics_",
	"task":              "kafka_connect_connector_task_metrics_",
	"errors":            "kafka_connect_task_error_metrics_",
}

// Collect sends the counts of a task of a connector of the type, as monitoring
// sees them, with the labels.
func (c Counts) Collect(of plan.Type, labels prometheus.Labels, ch chan<- prometheus.Metric) {
	send := func(name, help string, value float64) {
		kind := prometheus.GaugeValue
		if strings.HasSuffix(name, "_total") {
			kind = prometheus.CounterValue
		}
		ch <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, labels), kind, value)
	}
	declared := reflect.TypeFor[Numbers[int64]]()
	for i, value := range fields(&c.Numbers) {
		tags := declared.Field(i).Tag
		for _, group := range []string{string(of), "task", "errors"} {
			if name, shown := tags.Lookup(group); shown {
				send(groups[group]+name, tags.Get("help"), float64(*value))
			}
		}
	}
	last := 0.0
	if !c.LastCommit.IsZero() {
		last = float64(c.LastCommit.UnixMilli()) / 1000
	}
	send(groups["task"]+"last_commit_timestamp_seconds", "When offsets were last committed, 0 before the first time.",
		last)
}
