package counts

import (
	"reflect"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/plan"
)

// groups are the beginnings of names, by the tag of a number.
var groups = map[string]string{
	string(plan.Source): "kafka_connect_source_task_metrics_",
	string(plan.Sink):   "kafka_connect_sink_task_metrics_",
	"task":              "kafka_connect_connector_task_metrics_",
	"errors":            "kafka_connect_task_error_metrics_",
}

// Metrics returns the counts of a task of a connector of the type, as
// monitoring sees them.
func (c Counts) Metrics(of plan.Type) []connect.Metric {
	var out []connect.Metric
	declared := reflect.TypeFor[Numbers[int64]]()
	for i, value := range fields(&c.Numbers) {
		tags := declared.Field(i).Tag
		for _, group := range []string{string(of), "task", "errors"} {
			if name, shown := tags.Lookup(group); shown {
				out = append(out, connect.Metric{Name: groups[group] + name, Help: tags.Get("help"),
					Value: float64(*value), Counter: strings.HasSuffix(name, "_total")})
			}
		}
	}
	last := connect.Metric{Name: groups["task"] + "last_commit_timestamp_seconds",
		Help: "When offsets were last committed, 0 before the first time."}
	if !c.LastCommit.IsZero() {
		last.Value = float64(c.LastCommit.UnixMilli()) / 1000
	}
	return append(out, last)
}
