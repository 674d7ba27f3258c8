package worker

import (
	"sync/atomic"

	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/internal/procmetrics"
)

// starts count how often something was started, and what came of it.
type starts struct{ attempts, successes, failures atomic.Int64 }

// ended counts the end of a start, which failed unless err is nil.
func (s *starts) ended(err error) {
	if err != nil {
		s.failures.Add(1)
		return
	}
	s.successes.Add(1)
}

// series is a metric and where its value comes from.
type series struct {
	counts.Metric
	value func(*Worker) int64
}

func startSeries(of string, what string, all func(*Worker) *starts) []series {
	one := func(name, help string, value func(*starts) *atomic.Int64) series {
		return series{counts.Metric{Name: "kafka_connect_worker_metrics_" + of + "_startup_" + name, Help: help,
			Type: "counter"}, func(w *Worker) int64 { return value(all(w)).Load() }}
	}
	return []series{
		one("attempts_total", "Starts of "+what+", those after a failure included.",
			func(s *starts) *atomic.Int64 { return &s.attempts }),
		one("success_total", "Starts of "+what+" that succeeded.", func(s *starts) *atomic.Int64 { return &s.successes }),
		one("failure_total", "Starts of "+what+" that failed.", func(s *starts) *atomic.Int64 { return &s.failures }),
	}
}

func workerSeries() []series {
	return append(startSeries("connector", "connectors", func(w *Worker) *starts { return &w.connectorStarts }),
		startSeries("task", "tasks", func(w *Worker) *starts { return &w.taskStarts })...)
}

// aboutConnector has what there is to know of a connector in its labels.
var aboutConnector = counts.Metric{Name: "kafka_connect_connector_metrics_info",
	Help: "1 for each connector that runs in this worker; the labels say what it is.", Type: "gauge",
	Labels: []string{"connector", "connector_type", "connector_class", "connector_version"}}

// OwnMetrics lists the metrics that a worker has beyond those of its tasks; none needs to
// run.
func OwnMetrics() []Metric {
	out := []Metric{aboutConnector}
	for _, s := range workerSeries() {
		out = append(out, s.Metric)
	}
	for _, s := range procmetrics.MemorySeries() {
		out = append(out, Metric{Name: s.Name, Help: s.Help, Type: s.Type})
	}
	return out
}
