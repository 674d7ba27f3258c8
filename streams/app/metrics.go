package app

import "github.com/suiro/suiro/streams/internal/telemetry"

// Metric describes a metric of an app.
type Metric struct {
	// Name is the metric's whole name.
	Name string
	// Type is counter, gauge or histogram.
	Type string
	// Help is a sentence that says what it counts or shows.
	Help string
	// Labels are the names of its labels. The label application_id, which all of an
	// app's metrics have, is not among them.
	Labels []string
}

// MetricDeviation are metrics of Kafka Streams that are not here under their own names.
type MetricDeviation struct {
	// Group and Names are those of Kafka Streams: the type in the name of a JMX bean, and
	// its attributes.
	Group string
	Names []string
	// Instead are the metrics to use, none when there is nothing to know here.
	Instead []string
	// Why is a sentence that says why the name is another one.
	Why string
}

// MetricName is what a metric of Kafka Streams is called here unless [MetricDeviations]
// says otherwise. group is the type in the name of the JMX bean.
func MetricName(group, name string) string { return telemetry.Name(group, name) }

// MetricDeviations lists every metric of Kafka Streams that has another name here, or is
// not here, with the reason.
func MetricDeviations() []MetricDeviation {
	var out []MetricDeviation
	for _, d := range telemetry.Deviations() {
		out = append(out, MetricDeviation(d))
	}
	return out
}

// Metrics returns the metrics that every app has, in the order in which a page shows
// them. It needs no app and no broker.
func Metrics() []Metric {
	var out []Metric
	for _, i := range telemetry.List() {
		out = append(out, Metric(i))
	}
	return out
}
