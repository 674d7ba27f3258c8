// Package task runs one stream task, a subtopology on one partition, as a goka
// processor of its own. goka is driven through its own builders: a consumer
// group of one member that the host feeds, a consumer on franz-go that replays
// the changelog, a topic manager that answers from the host's knowledge and a
// storage that is the task's overlay. No Sarama client is ever dialled; Sarama
// is here only for the types that goka's interfaces name.
//
// # Batches
//
// The host hands a task all the records of a poll as one goka message, so that
// goka's work per message is paid once a batch. goka's callback runs the
// topology over the records, and the message is marked (goka's commit) when
// every record that the batch emitted is acknowledged.
//
// # Epochs
//
// Between two commits a task reads and writes its stores through an overlay.
// The host, when it wants to end an epoch, waits with [Task.Wait] until all
// batches were processed, lets the task write its changelog with
// [Task.WriteChangelog], flushes the producer, checks [Task.Err], commits, and
// then either applies the overlay with [Task.Committed] or drops it with
// [Task.Aborted].
//
// # Recovery
//
// goka replays the changelog into the storage before the first record. It ends
// the recovery only when it receives a message at or behind the high watermark
// it was told; a transaction marker has an offset and is never delivered to
// readers, so the changelog consumer keeps control records and hands them to
// goka as no-ops.
package task
