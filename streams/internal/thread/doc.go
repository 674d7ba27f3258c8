// Package thread is a stream thread: one member of the app's consumer group,
// one producer, and the tasks of the partitions it owns.
//
// # An epoch
//
// A thread works in epochs. It polls, begins a transaction with the first
// record, hands records to their tasks for commit.interval.ms (or until the
// epoch holds too much memory, or a rebalance waits), lets every task finish
// and write its changelog, and ends the transaction with the offsets of all it
// polled (KIP-447, through franz-go's GroupTransactSession). Then the tasks
// apply their overlays. If anything failed the transaction is aborted, the
// overlays are dropped and the records come again. At least once is the same
// without the transaction: outputs and changelogs are acknowledged before the
// offsets are committed.
//
// # Rebalances
//
// Rebalances wait while an epoch is open, so that partitions come and go
// between epochs only; a waiting one ends the epoch early. The protocol is
// cooperative: tasks that stay run on. A task that comes is started when the
// group's offsets have been fetched, not before: only then has every
// transaction of the partition's former owner ended, or is at least visible to
// the changelog's high watermark. Its partition is paused until its stores
// have recovered, and the other tasks do not wait for it.
package thread
