// Package batches bounds what the batches of a topic take in memory when a client
// decompresses them and makes records of them.
//
// A batch of some kilobytes can stand for gigabytes of zeros, or for millions of records
// or headers that are empty: each costs Go hundreds of bytes that are not in the topic.
// So a batch is charged with its bytes after decompression and with what its records and
// headers take, before they are made.
//
// What is larger than the share [memory.LargestBatch] is refused: the client stops the
// partition and reports kgo.ErrDecompressTooLarge. What fits, but not now, because the
// batches of all clients of the process fill the share [memory.Batches], makes the
// client fetch the partition again a moment later: nothing is skipped, and the other
// partitions go on. What was charged is given back when the garbage collector finds
// that nothing refers to the batch any more.
//
// Batches that are not compressed do not pass here. They are counted, so that compressed
// ones wait for them, and the size of a fetch bounds them.
package batches
