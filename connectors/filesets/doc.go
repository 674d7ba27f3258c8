// Package filesets is the common part of all sinks that write records to files.
// It puts each record into the files once, whatever the storage. A connector adds
// its configuration, its storage and, if it has one, its registry of files.
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
// The worker calls a [Sink] from one goroutine, which only queues records and
// never waits for storage. Each writer has a goroutine of its own. Whatever goes
// wrong with the storage ends the same way: the writer drops what it has, pauses
// its partition, waits, takes the partition again, and the task seeks to where
// the log ends. Kafka keeps the records meanwhile, so memory stays bounded
// however long the storage is away.
//
// # Delivery
//
// Exactly once into files, also through kill -9, through a writer that sleeps
// and wakes up after another took its partition over, and through full disks. A
// rejected record is covered by its set like a written one; when a set is not
// committed its rejected records are reported again.
//
// Packages below: claim is the commit protocol, format writes records into files,
// layout chooses directories, rotation says when to commit, and storage is what a
// file system has to do.
package filesets
