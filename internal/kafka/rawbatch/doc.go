// Package rawbatch is about the batches in which Kafka keeps records, without a look at the records:
// what is in the header of one, and how one that was read is written again by another producer.
//
//	offset 8 │ length 4 │ leader epoch 4 │ format 1 │ CRC-32C 4 │ attributes 2 │ last offset delta 4 │
//	first timestamp 8 │ latest timestamp 8 │ producer id 8 │ its epoch 2 │ sequence 4 │ records 4 │ records…
//
// The length counts what is behind it, and the checksum is that of what is behind it.
package rawbatch
