package filesets

import (
	"sync/atomic"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/claim"
)

// Counters count what a [Sink] did. The zero Counters are ready; a task has one
// for its life, so that they can be read before Start. Their methods may be
// called from any goroutine.
type Counters struct {
	commits, files, records, bytes, takeOvers, missing atomic.Int64
}

// committed counts a set.
func (c *Counters) committed(set claim.Set) {
	c.commits.Add(1)
	c.files.Add(int64(len(set.Files)))
	for _, f := range set.Files {
		c.records.Add(f.Records)
		c.bytes.Add(f.Bytes)
	}
}

// Metrics returns the counters as metrics whose names begin with the
// connector's kind, such as hdfs_sink.
func (c *Counters) Metrics(kind string) []connect.Metric {
	counter := func(name, help string, n *atomic.Int64) connect.Metric {
		return connect.Metric{Name: kind + "_" + name + "_total", Help: help, Value: float64(n.Load()), Counter: true}
	}
	return []connect.Metric{
		counter("commits", "Sets of files that were committed.", &c.commits),
		counter("files", "Files that were committed.", &c.files),
		counter("file_records", "Records in the committed files.", &c.records),
		counter("file_bytes", "Size of the committed files in bytes.", &c.bytes),
		counter("take_overs", "Times that a partition was taken over: once when it is assigned, and again after "+
			"each failure of the storage.", &c.takeOvers),
		counter("missing_offsets", "Offsets between two records for which no record came, because retention or "+
			"compaction removed it, a transform dropped it, or it is part of a transaction.", &c.missing),
	}
}
