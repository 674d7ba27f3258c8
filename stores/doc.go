// Package stores holds the state of stream tasks: an ordered key-value [DB]
// for all the stores of a process, and an [Overlay] that keeps the writes of
// an open epoch in memory until the epoch commits.
//
// # A store never runs ahead of its changelog
//
// A task reads and writes through its Overlay. When the epoch's transaction
// has committed, the overlay and the changelog offset go to the DB in one
// atomic [Batch]; when it was aborted the overlay is dropped. So the DB always
// holds what the changelog says up to the offset that the DB holds, no matter what
// is killed and when.
//
// # Keys
//
// All tasks of a process share one DB, and so one cache and one memory budget.
//
//	DB key         task prefix | changelog key
//	task prefix    uvarint(len) partition, such as "3"
//	changelog key  uvarint(len) store name | key of the store
//
// A store name of length zero is the task's own: its changelog offset and its
// stream time.
//
// The package imports no Kafka client. A DB is safe for concurrent use, an
// Overlay belongs to its task's goroutine.
package stores
