// Package naming says what topics are called on the cluster that they are mirrored to, as the
// replication policies of MirrorMaker 2 do, and which topics come from where.
package naming
