// Package converters holds Kafka Connect's converters: bytes of Kafka to
// Connect's data and back, each a thin file over a package of formats.
package converters
