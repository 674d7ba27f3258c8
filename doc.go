// Package suiro is the root of Suiro, Kafka Streams and Kafka Connect for Go. It holds no code: the
// folders below it are the product, and each package says in its doc what it is for.
//
//	streams     stream apps: builder, topology, local state, exactly-once
//	connect     what an author of a connector, converter or transform implements, and the worker
//	transforms  LTSV, JSON and Avro codecs and converters, single-message transforms
//	connectors  sources and sinks, one folder a system
//	stores      the state stores of stream apps
//	cmd/suiro   the one binary
//	examples    stream apps to start from
package suiro
