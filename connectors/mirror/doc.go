// Package mirror mirrors the topics of one Kafka cluster to another: its connectors do what those of
// Kafka's MirrorMaker 2 do, understand their configurations, and write their internal topics.
//
// A connector runs on a worker of the target cluster. [SourcePlugin] mirrors records, partitions,
// configurations and ACLs of topics, and writes offset syncs, by which [CheckpointPlugin] translates
// offsets of consumer groups; [HeartbeatPlugin] writes heartbeats, which show from where to where
// records get.
//
// # Names
//
// With DefaultReplicationPolicy the topic orders of the cluster east is called east.orders, and when it
// is mirrored further from the cluster west, west.east.orders. A topic that has come from the target
// cluster is not mirrored back. With IdentityReplicationPolicy names stay as they are, so that this
// cannot be found: two clusters must not mirror the same topics to each other.
//
// # Order and delivery
//
// A record goes to the partition of its number, with its key, value, headers and timestamp, and the
// records of a partition in their order. With exactly.once.source.support=enabled in the worker's
// configuration each record that was committed upstream is written exactly once; records of aborted
// transactions are never read unless source.consumer.isolation.level says so. Otherwise a crash repeats
// what was read since offsets were last kept.
//
// # Offsets
//
// The source partition is {"cluster": alias, "partition": n, "topic": name} and the source offset is
// {"offset": n}, that of the last record that is mirrored, as in MirrorMaker 2, which can go on where
// this connector has stopped, and the other way round.
//
// When records were deleted before they were mirrored, or the topic was made anew, auto.offset.reset
// says where to go on, and a warning says so.
package mirror
