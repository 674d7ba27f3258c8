// Package window has the nodes that aggregate a stream in windows, and the one that holds
// updates of a table back: one object of each for a task.
//
//	[NewTimes]     tumbling, hopping and unlimited windows
//	[NewSliding]   windows around each record
//	[NewSessions]  windows that grow while records come
//	[NewSuppress]  the last update of a window, or of some time
//
// What they do with each record, and in which order, is what Kafka Streams'
// KStreamWindowAggregate, KStreamSlidingWindowAggregate, KStreamSessionWindowAggregate and
// KTableSuppressProcessor do.
//
// # Time
//
// Each node has a time of its own: the largest timestamp that came to it. What is late
// depends on that alone. It is kept in the DB with the store, and an abort sets it back.
//
// # Stores
//
// Aggregates are written to the overlay when they change, so that what is read next sees
// them. What goes downstream is said at once, or, with a cache, for each window once at
// the end of the epoch.
package window
