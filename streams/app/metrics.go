package app

import "github.com/suiro/suiro/streams/internal/telemetry"

// Metric describes a metric of an app.
type Metric = telemetry.Info

// MetricDeviation are metrics of Kafka Streams that are not here under their own names.
type MetricDeviation = telemetry.Deviation

// Metrics returns the metrics that every app has, in the order in which a page shows
// them. It needs no app and no broker. The label application_id, which all of them have,
// is not among their labels.
func Metrics() []Metric { return telemetry.List() }

// MetricName is what a metric of Kafka Streams is called here unless [MetricDeviations]
// says otherwise. group is the type in the name of the JMX bean.
func MetricName(group, name string) string { return telemetry.Name(group, name) }

// MetricDeviations lists every metric of Kafka Streams that has another name here, or is
// not here, with the reason.
func MetricDeviations() []MetricDeviation { return telemetry.Deviations() }
