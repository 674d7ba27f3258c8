// Package sinktask runs a sink task from its start to its failure or stop.
//
// [Life] holds the loop. Next to it there is one type for each thing that the loop
// needs and that has a state of its own:
//
//	consumer     the member of the group: poll, pause, commit, heartbeat
//	assignment   what the group does to it: partitions assigned, revoked, lost
//	ledger       where each partition stands
//	intake       what was fetched becomes a batch
//	delivery     the batch is put, again while the error may go away
//	committer    what the task says is safe is committed
//	rejects      bad records become dead letters
//	signals      what other goroutines want of the loop
//	taskContext  what the task may ask for
//
// # Goroutines
//
// The loop and the callbacks of the group never run at the same time: the client
// calls back only between AllowRebalance and the next poll, and while delivery
// waits. So the task, and the fields of partition that belong to the loop, need
// no lock. Everything else may be touched from any goroutine, because tasks
// write in the background: ledger, signals and consumer have locks of their own.
// None is held while another is taken, except for those of the trackers of dead
// letters, which are taken last.
//
// # Guarantee
//
// An offset is committed when the task says that everything below is written,
// and every dead letter below is acknowledged. It never goes backwards.
package sinktask
