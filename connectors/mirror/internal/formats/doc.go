// Package formats is about the records of MirrorMaker 2's own topics, byte for byte as Kafka's
// classes OffsetSync, Heartbeat and Checkpoint write them, so that MirrorMaker 2, and whoever reads its topics
// with Kafka's RemoteClusterUtils, understands what is written here, and the other way round.
//
//	topic                             key                              value
//	mm2-offset-syncs.ALIAS.internal   topic string, partition int32    upstream int64, downstream int64
//	heartbeats                        source string, target string     version int16 (0), timestamp int64
//	ALIAS.checkpoints.internal        group string, topic string,      version int16 (0), upstream int64,
//	                                  partition int32                  downstream int64, metadata string
//
// Numbers are big-endian; a string is its length in bytes, as an int16, and its bytes in UTF-8. As
// Kafka's classes do, the decoders pass over bytes behind the last field.
package formats
