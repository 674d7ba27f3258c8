package connect

// MetricsReporter is a task with metrics of its own. The worker finds out by a type
// assertion, and shows the metrics under /metrics, labelled with the connector and
// the task.
type MetricsReporter interface {
	// Metrics returns the current values. Every call returns every metric, so
	// that a counter is seen at 0 before its first event. Metrics may be called
	// from any goroutine, also before Start and after Stop, and does not block.
	Metrics() []Metric
}

// Metric is one value of a task.
type Metric struct {
	// Name is the metric's name in the style of Prometheus: lowercase, beginning
	// with the kind of connector, with a base unit, and ending in _total for a
	// counter, such as elasticsearch_sink_documents_total.
	Name string
	// Help says in one sentence what the metric measures.
	Help string
	// Value is the count or measure, in the unit that Name ends with.
	Value float64
	// Counter says that the value never decreases until the process ends; other
	// metrics are gauges.
	Counter bool
}
