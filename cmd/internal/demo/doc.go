// Package demo runs the whole way of an access log in one process, and counts
// whether everything arrived:
//
//	file ─▶ access-ltsv ─▶ ltsv-json ─▶ access-json ─▶ json-avro ─▶ access-avro ─▶ HDFS sink ─▶ Avro files, Hive
//	                                         │
//	                                         ├─▶ server-stats ─▶ counts in a store, asked over HTTP
//	                                         └─▶ Elasticsearch sink ─▶ documents
//
// Kafka is an embedded one unless [Options] names brokers.
//
// # Words
//
// A stage is a stream app or a connector: what reads topics as one consumer
// group and writes somewhere else. The tally reads all topics beside the
// stages, read_committed, and knows how many records each holds and how many
// lie below any offset.
//
// # What is counted
//
// For each stage, records in = records out + rejected, and each of the three
// is counted where it is: lines in the file, records in topics, dead letters
// in their topics, requests in the store, rows by reading the Avro files back
// or through Hive, documents by asking Elasticsearch. No stage is asked what
// it did.
package demo
