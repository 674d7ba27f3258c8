// Package memory is the memory budget of a process: how much it may take, and what
// each part of it may take of that.
//
// The command's main makes one [Budget] of the key memory.max.bytes ([Key]), sets the
// limit of Go's runtime with [Budget.LimitRuntime], lets the heap of a process that holds
// little grow with [LetHeapGrow], and hands the budget down to what runs: a worker,
// an app. Nothing else in the process makes one.
//
//	budget := memory.Limit(values.Long(memory.MaxBytes))
//	budget.LimitRuntime()
//	defer memory.LetHeapGrow(budget.Of(memory.Heap))()
//
// What needs memory asks for its [Share], a part of the budget with a least and a most.
// A buffer of which there is one per task or thread takes the share as its default
// size:
//
//	size := budget.Of(memory.SinkBuffer)
//
// What many holders take of one share, such as all Kafka clients of the process, is
// counted with an [Account] for each holder.
//
// A nil Budget works, and so does the zero Budget: it is as large as the process finds
// it may be, see [Limit]. Accounts of a nil Budget do not see each other.
package memory
