// Package dfs is HDFS as a storage.Storage, over the native RPC protocol. It is
// the only package that imports the HDFS client.
//
// The client does one call at a time, has no contexts, keeps a connection after
// an answer it did not understand and skips a name node for seconds after a
// failure. So a [FS] keeps a few clients, gives each of their connections
// deadlines, and replaces a client whose call failed for a reason that is not
// the name node's answer.
package dfs
