// Package global keeps the global stores of an instance, each of which holds all partitions
// of a topic.
//
// Each store has a goroutine and a client of its own, which reads without a group what is
// committed. It reads to the end of the topic before [Stores.Ready] is closed, and follows
// the topic then. A poll is an epoch of an inline task (package task): what it has written
// goes to the DB in one batch with the offsets that it has reached, so a restart goes on
// there.
//
// # Generations
//
// What was read stops fitting the topic when that was deleted and made again, or when it has
// lost records that were not read yet. Then the store is read again, into a generation
// beside the one that readers see, and takes its place when it has come to the end. So
// tasks need not wait, and never see half of a store.
//
//	DB key       prefix | key
//	prefix       [stores.TaskPrefix] of "global" or "global <generation>"
//
//	global       "generation <store>": 8 bytes, the generation that readers see
//	global <n>   the entries of the store, as in every task
//	             "topic <store>": 16 bytes, the topic's id
//	             "offset <store> <partition>": 8 bytes, the next offset
package global
