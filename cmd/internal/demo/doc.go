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
// # Parts
//
// [Run] opens the parts, one after the other: the folder, the servers, the
// cluster, the tally, the source (the log and its lines), the way (the stages in
// their order), the apps and the worker. A watcher looks after the stages until
// everything has arrived, outputs counts what each wrote, and a report shows it.
// What needs to know nothing of the demo has a folder of its own: tally, screen,
// folder and input.
//
// # What is counted
//
// For each stage, records in = records out + rejected, and each of the three
// is counted where it is: lines in the file, records in topics, dead letters
// in their topics, requests in the store, rows by reading the Avro files back
// or through Hive, documents by asking Elasticsearch. No stage is asked what
// it did.
package demo
