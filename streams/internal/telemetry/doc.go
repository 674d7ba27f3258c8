// Package telemetry counts what a stream app does, in Prometheus' form and by Kafka
// Streams' names with underscores. [List] has all the metrics with their labels and
// what they mean; every other place takes them from there.
//
// What happens with records is counted for each batch or epoch, never for each
// record, except for records that are left out or rejected. What is so at a moment,
// such as the state of the app and the lag, is read when Prometheus asks: see [Live].
package telemetry
