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

// Metrics returns the metrics that every app has, in the order in which a page shows
// them. It needs no app and no broker.
func Metrics() []Metric {
	var out []Metric
	for _, i := range telemetry.List() {
		out = append(out, Metric(i))
	}
	return out
}
