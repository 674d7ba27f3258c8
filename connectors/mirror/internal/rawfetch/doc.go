// Package rawfetch reads partitions of a Kafka in whole batches, which are not decompressed.
//
// A [Fetcher] asks the leader of each partition, with one request at a time for each broker: the next
// one is on its way while the batches of the one before are processed. With read_committed it leaves
// out the batches of transactions that were aborted, by the list that comes with a fetch, and always
// the markers of brokers.
//
// Some batches would be refused by a broker that they are written to, or would show readers something
// else: those with gaps after compaction, those in a format before batches, and those with the
// timestamps of the broker. Their records are put into new batches. So are those of batches that are
// so small that larger ones are cheaper for everybody behind.
package rawfetch
