// Package kinds has the kinds of stores that Kafka Streams has, over the overlay of a
// task: key-value, with or without the timestamps of the values; versioned; windowed;
// and of sessions. Keys and values are bytes.
//
//	[Open] makes the stores of a task, [Read] reads what is committed of one
//	[Stores.Changelog] yields the records of an epoch for their changelogs
//	[Loader] writes changelogs into a DB when a task is restored
//
// # Time
//
// A window, session or versioned store has a time of its own, as in Kafka Streams: the
// largest timestamp that was put into it. What is older than that by the retention
// cannot be read, and a put of it is left out. Its bytes are removed later, many entries
// at a time. Nothing is written to the changelog then: retention.ms of the topic does
// the same there. A time-to-live ([Spec.TTL]) is different: it deletes keys, also in
// the changelog.
//
// An abort sets the time back, and it is kept with the data.
//
// # Layout
//
// What follows the name of the store in a key of the task (package stores):
//
//	key-value    key                                   value
//	timestamped  key                                   8 bytes timestamp | value
//	versioned    uvarint(len) key | 8 bytes version    0, or 1 | value; 0 is a deletion
//	windows      8 bytes segment | [format.WindowKey]    value
//	sessions     8 bytes segment | [format.SessionKey]   value
//
// A version is a timestamp with its sign bit flipped, so that bytes sort as numbers do.
// A segment, flipped in the same way, is a span of half the retention, at least a minute.
// So the entries of one key are next to each other in each of a few segments, and to
// remove a segment is one deletion of a range. Kafka Streams has a database for each.
//
// The stores of a task belong to its goroutine. What [Read] returns is safe for
// concurrent use.
package kinds
