// Package topics makes the topics of one cluster those of another: the topics that are chosen, with as
// many partitions and the same configuration, and with ACLs for those who read.
//
//	partitions, err := follower.Partitions(ctx) // of topics that are mirrored, which now exist
//	err = configs.Sync(ctx, follower.Chosen())
//	err = acls.Sync(ctx)
//
// What is created, enlarged or changed on the target cluster is logged, and so is what the cluster
// refuses: a topic that cannot be made holds no other up. Nothing is ever deleted there.
package topics
