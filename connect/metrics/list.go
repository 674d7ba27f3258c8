package metrics

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Metric is a metric as its page describes it.
type Metric struct {
	// Name and Help are as Prometheus shows them.
	Name, Help string
	// Type is counter, gauge or histogram.
	Type string
	// Labels are the names of its labels.
	Labels []string
}

// The metrics of the worker itself. They never change.
var (
	brokersReachable = gauge("kafka_connect_worker_metrics_brokers_reachable",
		"1 while a broker answers, and 0 while none can be reached.")
	connectors  = gauge("kafka_connect_worker_metrics_connectors", "Connectors in this worker.")
	tasks       = gauge("kafka_connect_worker_metrics_tasks", "Tasks in this worker.")
	failedTasks = gauge("kafka_connect_worker_metrics_failed_tasks",
		"Tasks in this worker that have failed, those that wait to be restarted included.")
	connectorTasks = gauge("kafka_connect_worker_metrics_connector_tasks", "Tasks of a connector in each state.",
		"connector", "status")
	connectorStatus = gauge("kafka_connect_connector_metrics_status",
		"1 for the state that the connector is in, and 0 for the others.", "connector", "status")
	connectorRestarts = counter("kafka_connect_connector_metrics_restart_total",
		"Starts of the connector after it could not be started. Those of its tasks are counted on their own.", "connector")
	certificateExpiry = gauge("kafka_connect_worker_metrics_certificate_expiry_timestamp_seconds",
		"When the certificate ends that the https addresses of listeners or admin.listeners show.", "key")
	taskStatus = gauge("kafka_connect_connector_task_metrics_status",
		"1 for the state that the task is in, and 0 for the others.", "connector", "task", "status")
)

// List returns every metric of a worker, by name; no worker needs to run. Those of
// every task are listed by package worker, and those of a plugin's tasks by the
// plugin. Metrics of the process begin with go_, process_, promhttp_ and suiro_.
func List() []Metric {
	var out []Metric
	for _, m := range []metric{brokersReachable, connectors, tasks, failedTasks, connectorTasks, connectorStatus,
		connectorRestarts, certificateExpiry, taskStatus} {
		out = append(out, m.Metric)
	}
	slices.SortFunc(out, func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// metric is a metric with its description.
type metric struct {
	Metric
	kind prometheus.ValueType
	desc *prometheus.Desc
}

func gauge(name, help string, labels ...string) metric {
	return metric{Metric{Name: name, Help: help, Type: "gauge", Labels: labels}, prometheus.GaugeValue,
		prometheus.NewDesc(name, help, labels, nil)}
}

func counter(name, help string, labels ...string) metric {
	out := gauge(name, help, labels...)
	out.Type, out.kind = "counter", prometheus.CounterValue
	return out
}

func (m metric) send(ch chan<- prometheus.Metric, value float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(m.desc, m.kind, value, labels...)
}
