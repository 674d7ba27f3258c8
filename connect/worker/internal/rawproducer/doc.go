// Package rawproducer writes batches to Kafka as they are, under the producer id of a client that
// writes other records, and within its transactions.
//
// A [Producer] has one request at a time on its way to a broker, with at most one batch of each
// partition. So nothing overtakes anything, and a request whose answer was lost is sent again with the
// same sequence numbers, which brokers know. The client must not write to the partitions of the
// batches, as both count sequences.
//
// With a transactional id partitions are added to the transaction that the client has begun, by
// AddPartitionsToTxn of version 3 and Produce up to version 11: [Versions] holds the client to the
// same protocol. Whoever ends the transaction first waits until each batch is acknowledged. The client
// must have written something in it, as it otherwise takes the transaction for empty and does not end it.
package rawproducer
