// Package kinds is a stream app with state of each kind that Kafka Streams has, whose
// results follow from its input alone: neither the order in which partitions are read nor
// commits, crashes and moves of tasks show in them. So what a disturbed run leaves must be
// what an undisturbed one in memory does: see [Expect].
//
// All outputs are in one topic. A record is a row of a table, or one of a stream:
//
//	key    T tumbling|user@start   value  count    the last record of a key is its row
//	key    S inner|user            value  ids      each record counts
//
// To be so, records are out of order by less than the grace of each window, so that none is
// late; and what depends on the order of records of a key is done in the task that reads
// the input, where it is the order of the topic.
package kinds
