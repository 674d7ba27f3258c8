package filesets

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/suiro/suiro/connectors/filesets/claim"
)

// Counters count what a [Sink] did. Their methods may be called from any
// goroutine.
type Counters struct {
	commits, files, records, bytes, takeOvers, missing prometheus.Counter
}

// NewCounters returns the counters of a task, registered with r. Their names begin
// with the connector's kind, such as hdfs_sink.
func NewCounters(r prometheus.Registerer, kind string) *Counters {
	counter := func(name, help string) prometheus.Counter {
		return promauto.With(r).NewCounter(prometheus.CounterOpts{Name: kind + "_" + name + "_total", Help: help})
	}
	return &Counters{
		commits: counter("commits", "Sets of files that were committed."),
		files:   counter("files", "Files that were committed."),
		records: counter("file_records", "Records in the committed files."),
		bytes:   counter("file_bytes", "Size of the committed files in bytes."),
		takeOvers: counter("take_overs", "Times that a partition was taken over: once when it is assigned, and again after "+
			"each failure of the storage."),
		missing: counter("missing_offsets", "Offsets between two records for which no record came, because retention or "+
			"compaction removed it, a transform dropped it, or it is part of a transaction."),
	}
}

// committed counts a set.
func (c *Counters) committed(set claim.Set) {
	c.commits.Inc()
	c.files.Add(float64(len(set.Files)))
	for _, f := range set.Files {
		c.records.Add(float64(f.Records))
		c.bytes.Add(float64(f.Bytes))
	}
}
