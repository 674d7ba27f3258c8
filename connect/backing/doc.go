// Package backing keeps what a Connect worker must remember: the source
// offsets of its connectors, in memory, in a file or in a Kafka topic.
//
// A source partition and its offset are maps that belong to the connector. A
// store finds a partition by its JSON form with sorted keys, so maps that are
// equal are the same partition.
//
// # The offset topic
//
// [Topic] reads and writes Kafka Connect's own format, so that the topic of a Java
// worker can be used further:
//
//	key    ["<connector>",{<source partition>}]
//	value  {<source offset>}, or null for a deleted offset
//
// The topic is compacted. It is read with read_committed, because an
// exactly-once task writes its offsets in the transaction of its records. A Java worker
// looks for a partition by the bytes of its key: they have Java's escapes, but sorted
// fields where Java has those of its own maps. A partition that was read keeps its key.
//
// A connector may have an offset topic of its own, with the worker's store behind it: see
// [Layered].
//
// # The offset file
//
// [File] is one JSON object from connector to a list of partition and offset.
// Each write makes a new file in the same folder, syncs it and renames it, so that
// a crash or a full disk leaves the old content whole. While a worker has it open,
// the file next to it whose name ends in .lock is locked: each of two workers would
// overwrite what the other has written. Both have mode 0600, and neither may be a
// symbolic link. Source partitions and source offsets come from connectors, and the
// files from whoever may write to the folder, so that all of it is bounded: see
// [MaxPosition] and [MaxFile].
package backing
