// Package storage is the little that sinks need of a file system to write files:
// [Storage], small enough that HDFS, a local folder and a map in memory mean
// the same by every method. The commit protocol of package claim rests on two
// of its promises: Create makes no parents and replaces nothing, and Rename is
// atomic and fails when its source is gone.
package storage
