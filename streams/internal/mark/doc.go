// Package mark is what a stream app commits with an offset: Kafka Streams'
// TopicPartitionMetadata, byte for byte, so that either goes on from what the other has
// committed.
package mark
