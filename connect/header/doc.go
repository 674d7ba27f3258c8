// Package header converts the values of record headers as Kafka Connect's own
// header converters do.
package header
