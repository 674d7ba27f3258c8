package connect

// MetricsReporter is a task that counts things of its own. The worker finds the
// ability by type assertion and shows what it tells under /metrics, labelled
// with the connector and the task.
type MetricsReporter interface {
	// Metrics returns the current values, every metric each time and from the
	// first call on, so that a counter is seen at 0 before its first event. It
	// may be called from any goroutine, also before Start and after Stop, and
	// does not block.
	Metrics() []Metric
}

// Metric is one value of a task.
type Metric struct {
	// Name is the metric's in Prometheus' manner, without connector and task:
	// lowercase, beginning with the connector's kind, with a base unit, and
	// _total at the end of a counter: elasticsearch_sink_documents_total.
	Name string
	// Help is one sentence for people.
	Help string
	// Value is the count or measure, in the unit that Name ends with.
	Value float64
	// Counter tells that the value only grows until the process ends; other
	// metrics are gauges.
	Counter bool
}
