// Package demo takes an access log all the way through Kafka in one process, and
// counts whether everything arrived:
//
//	file ─▶ access-ltsv ─▶ ltsv-json ─▶ access-json ─▶ json-avro ─▶ access-avro ─▶ HDFS sink
//	                                         │
//	                                         ├─▶ server-stats ─▶ counts in a store, asked over HTTP
//	                                         └─▶ Elasticsearch sink ─▶ documents
//
// Kafka is an embedded one unless [Options] names brokers.
//
// # Words
//
// A stage is a stream app or a connector: it reads topics as one consumer group
// and writes somewhere else. The tally reads all topics independently of the
// stages, read_committed, and knows how many records each topic holds and how
// many of them lie below any offset.
//
// # Parts
//
// [Run] opens the parts, one after the other: the folder, the addresses for HTTP,
// Kafka, the tally, the source (the log and its lines), the way (the stages in
// their order), the apps and the worker. A watcher looks after the stages until
// everything has arrived, outputs counts what each wrote, and a report shows it.
// Parts that need to know nothing about the demo are packages of their own:
// folder, input, pages, screen, services and tally.
//
// # What is counted
//
// For each stage, records in = records out + rejected. Each of the three is
// counted where it is stored: lines in the file, records in topics, dead letters
// in their topics, requests in the store, rows by reading the Avro files back or
// by asking Hive, documents by asking Elasticsearch. No stage is asked what it
// did.
package demo
