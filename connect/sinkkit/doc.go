// Package sinkkit is what a sink that writes in the background is built of, so
// that each sink need only know its own system. A sink takes what it needs; no
// type here depends on another's use.
//
//   - [Prefix] finds the offset of a partition that is safe to commit when
//     records finish in any order.
//   - [Budget] bounds what a task holds and has not written: it pauses the
//     task's partitions and resumes them.
//   - [Retry] spaces the tries of one piece of work, and [Outage] logs once, for
//     all pieces of work together, that the outside system is away, and when it is
//     back for how long. [MeasureOutage] shows the same as two metrics.
//   - [Dropped] logs the first of each kind that a task leaves out, and counts the
//     others.
//   - [TimePattern] writes a record's time as part of the name of a directory or
//     an index.
//
// # In use
//
//	Put        for each record: budget.Take(its size), rec.pending = prefix.Add(offset)
//	           when budget.Full(): write what waits for more records
//	sender     try; on a failure retry.Again(ctx, err); afterwards retry.Done(err)
//	           when written: rec.pending.Settle(), budget.Release(its size)
//	PreCommit  safe[partition] = prefix.Safe(current[partition])
//	Open       budget.Open(partitions), a new Prefix for each
//	Close      budget.Close(partitions), and give back what was buffered of them
//
// # Goroutines
//
// Each type says which of its methods may be called from where. None of them
// waits, except for [Retry.Again].
package sinkkit
