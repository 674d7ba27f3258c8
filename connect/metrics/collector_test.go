package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// fixed is a worker whose metrics stand still.
type fixed herder.WorkerMetrics

func (f fixed) Metrics() herder.WorkerMetrics { return herder.WorkerMetrics(f) }

// scrape returns the text that Prometheus gets.
func scrape(t *testing.T, w metrics.Worker) string {
	t.Helper()
	r := httptest.NewRecorder()
	metrics.Handler(w).ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if r.Code != http.StatusOK {
		t.Fatalf("GET /metrics = %d: %s", r.Code, r.Body)
	}
	return r.Body.String()
}

// task is what a task of a worker counts, and what its present life has registered.
type task struct {
	counts worker.Counts
	of     plan.Type
	name   string
	own    prometheus.Collector // nil for none
}

func (task) Describe(chan<- *prometheus.Desc) {}
func (t task) Collect(ch chan<- prometheus.Metric) {
	labels := prometheus.Labels{"connector": t.name, "task": "1"}
	t.counts.Collect(t.of, labels, ch)
	if t.own != nil {
		t.own.Collect(ch)
	}
}

// documents is a counter of a task's own.
func documents(help, connector string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: "example_sink_documents_total", Help: help,
		ConstLabels: prometheus.Labels{"connector": connector, "task": "1"}})
}

// both has a task of either type.
func both() fixed {
	var read, written worker.Counts
	read.Read, written.Written = 7, 3
	own := documents("Documents written.", "snk")
	own.Add(5)
	return fixed{Connectors: []herder.ConnectorMetrics{{Name: "snk", State: api.Running}, {Name: "src", State: api.Failed}}, Tasks: []herder.TaskMetrics{
		{ID: api.TaskID{Connector: "snk", Task: 1}, State: api.Running,
			Collector: task{read, plan.Sink, "snk", own}},
		{ID: api.TaskID{Connector: "src", Task: 1}, State: api.Failed,
			Collector: task{written, plan.Source, "src", nil}},
	}}
}

func TestMetricsAreWhatPrometheusWants(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(scrape(t, both()))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestMetricsCarryConnectorAndTask(t *testing.T) {
	text := scrape(t, both())
	for _, want := range []string{
		`kafka_connect_sink_task_metrics_sink_record_read_total{connector="snk",task="1"} 7`,
		`kafka_connect_source_task_metrics_source_record_write_total{connector="src",task="1"} 3`,
		`kafka_connect_connector_task_metrics_status{connector="src",status="failed",task="1"} 1`,
		`kafka_connect_connector_metrics_status{connector="src",status="failed"} 1`,
		`kafka_connect_worker_metrics_connectors 2`,
		`# TYPE example_sink_documents_total counter`,
		`example_sink_documents_total{connector="snk",task="1"} 5`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("/metrics lacks %s:\n%s", want, text)
		}
	}
	if strings.Contains(text, `kafka_connect_sink_task_metrics_sink_record_read_total{connector="src"`) {
		t.Error("/metrics shows a sink's metric for a source")
	}
}

func TestAMetricThatPrometheusRefusesCostsNoOther(t *testing.T) {
	w := both()
	var written worker.Counts
	w.Tasks[1].Collector = task{written, plan.Source, "src", documents("Something else.", "src")}
	text := scrape(t, w)
	if !strings.Contains(text, `example_sink_documents_total{connector="snk"`) || strings.Contains(text, `documents_total{connector="src"`) {
		t.Errorf("/metrics = %s\nwant the metric of the first task, and not the other one of the same name", text)
	}
}
