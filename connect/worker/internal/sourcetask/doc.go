// Package sourcetask runs a source task from its start to its failure, its stop
// or the end of its input.
//
// [Life] holds the loop. Next to it there is one type for each thing that the loop
// needs and that has a state of its own:
//
//	offsets        the records on their way, in the order of each source partition
//	delivery       records go to Kafka, again alone or as dead letters when refused
//	batches        whole batches go to Kafka instead, in a life without records
//	topics         missing topics are created
//	committer      when offsets are kept: periodic or transactional
//	taskContext    what the task may ask for
//
// Everything but the acknowledgements of Kafka happens in the goroutine of Run.
//
// # Guarantee
//
// The offset that is kept for a source partition is that of its longest
// acknowledged prefix: a record still on its way holds back all that follow it.
// With exactly.once.source.support=enabled records and their offsets are in one
// transaction.
package sourcetask
