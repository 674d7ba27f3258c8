// Package topology is the graph of a stream app: sources that read topics,
// processors that do the work, sinks that write topics, and the stores that
// processors share. The builder of package streams makes one; an app runs it.
//
// Connected nodes, and nodes that share a store, form a [Subtopology]. An app
// runs one task for each subtopology and partition; tasks of one subtopology
// share nothing, so that they can run anywhere.
//
// A Topology is immutable and safe for concurrent use. What a source's New
// returns belongs to one task and is called from that task's goroutine only.
package topology
