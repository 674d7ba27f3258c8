// Package hdfs is a sink connector that writes records to files in HDFS or in a
// local folder, each record once, and registers them as partitions of Hive
// tables. It understands the configuration of Confluent's HDFS sinks.
//
// # Words
//
// A writer serves one Kafka partition. It collects records in a set: the files
// open at a time, one for each directory and schema. Rotation closes the set's
// files and commits them together, by the protocol of package claim. The claim
// log says at which offset to go on, and wins over the consumer group's offset.
//
// # Who does what
//
// The worker calls a [SinkTask] from one goroutine, which only queues records
// and never waits for storage. Each writer has a goroutine of its own. Whatever
// goes wrong with the storage ends the same way: the writer drops what it has,
// pauses its partition, waits, takes the partition again, and the task seeks to
// where the log ends. Kafka keeps the records meanwhile, so memory stays
// bounded however long the storage is away.
//
// # Delivery
//
// Exactly once into files, also through kill -9, through a writer that sleeps
// and wakes up after another took its partition over, and through full disks;
// DESIGN.md says why. A rejected record is covered by its set like a written
// one; when a set is not committed its rejected records are reported again.
//
// # Not done
//
// No compaction of small files, no Kerberos, no Parquet or ORC.
package hdfs
