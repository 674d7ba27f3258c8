// Package api holds the JSON bodies of Kafka Connect's REST API, as a worker
// answers them and as a client reads them. Names, field names and values are
// Kafka Connect's.
//
// The types are data only: no method of theirs reaches a worker or a broker, so
// that a client can import the package alone.
package api
