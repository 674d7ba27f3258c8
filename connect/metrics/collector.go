// Package metrics shows to Prometheus what the tasks of a Connect worker count:
//
//	mux.Handle("/metrics", metrics.Handler(h))
//	mux.Handle("/", rest.New(h, nil))
//
// Every metric of a task has the labels connector and task. A connector's state is
// there too, as one that could not be started has no task. The metrics are
// documented where they are counted: those of every task in package worker,
// those of a connector in its plugin's Metrics.
package metrics

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/internal/procmetrics"
)

// Worker is what has metrics: the herder of a process.
type Worker interface {
	// Metrics returns the present values. It is called at each scrape, from any
	// goroutine.
	Metrics() herder.WorkerMetrics
}

// Handler answers GET /metrics in Prometheus' form, with the metrics of the process
// too.
func Handler(w Worker) http.Handler {
	registry := prometheus.NewRegistry()
	procmetrics.Register(registry)
	registry.MustRegister(New(w))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// The metrics of every task and connector, and of the worker itself.
var (
	labels = []string{"connector", "task"}
	status = prometheus.NewDesc("kafka_connect_connector_task_metrics_status",
		"State of the task, as a label; the value is 1.", append(labels, "status"), nil)
	connectorStatus = prometheus.NewDesc("kafka_connect_connector_metrics_status",
		"State of the connector, as a label; the value is 1.", []string{"connector", "status"}, nil)
	connectors = prometheus.NewDesc("kafka_connect_worker_metrics_connectors", "Connectors in this worker.", nil, nil)
	tasks      = prometheus.NewDesc("kafka_connect_worker_metrics_tasks", "Tasks in this worker.", nil, nil)
)

var _ prometheus.Collector = (*Collector)(nil)

// Collector reads a worker's metrics at each scrape. It describes nothing in
// advance, as connectors with metrics of their own come and go.
type Collector struct {
	worker Worker
}

// New returns a collector for a registry of the caller's.
func New(w Worker) *Collector { return &Collector{w} }

// Describe implements [prometheus.Collector].
func (c *Collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	now := c.worker.Metrics()
	for _, t := range now.Tasks {
		number := strconv.Itoa(t.ID.Task)
		t.Collector.Collect(ch)
		ch <- prometheus.MustNewConstMetric(status, prometheus.GaugeValue, 1,
			t.ID.Connector, number, strings.ToLower(string(t.State)))
	}
	for _, c := range now.Connectors {
		ch <- prometheus.MustNewConstMetric(connectorStatus, prometheus.GaugeValue, 1,
			c.Name, strings.ToLower(string(c.State)))
	}
	ch <- prometheus.MustNewConstMetric(connectors, prometheus.GaugeValue, float64(len(now.Connectors)))
	ch <- prometheus.MustNewConstMetric(tasks, prometheus.GaugeValue, float64(len(now.Tasks)))
}
