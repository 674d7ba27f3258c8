package filesets

import (
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/names"
	"github.com/suiro/suiro/connectors/filesets/rotation"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// Options say where and how a [Sink] writes. All fields are needed unless they
// say otherwise.
type Options struct {
	// Storage is where the files are. The sink closes it.
	Storage storage.Storage
	// Root is the folder of all topics, an absolute path of the storage.
	Root string
	// Format is that of the files.
	Format format.Format
	// Codec packs their contents, by one of the format's names; "" for the
	// format's default.
	Codec string
	// Schemas is how many schemas each writer remembers in compiled form. At
	// least 1.
	Schemas int
	// Layout chooses the directory of a record below its topic's.
	Layout layout.Partitioner
	// Time finds the record time that [rotation.Policy.Interval] measures.
	Time layout.Extractor
	// Rotation says when files are committed.
	Rotation rotation.Policy
	// Names are those of the files.
	Names names.Names
	// MaxOpenFiles bounds the files that are open, of all partitions together, but
	// each may have one; of a partition the one unused for longest is closed for
	// another. At least 1.
	MaxOpenFiles int
	// MaxBufferedBytes bounds the records queued for all writers; above it
	// partitions are paused. At least 1.
	MaxBufferedBytes int64
	// Backoff is the longest wait before a writer tries again.
	Backoff time.Duration
	// Shutdown is how long Close and Stop wait for calls to the storage that
	// are under way.
	Shutdown time.Duration
	// Registry is told what was committed; nil when nobody wants to know.
	Registry Registry
	// Counters count what the sink does.
	Counters *Counters

	open *atomic.Int64 // files that are open
}

// opened counts files that were opened, or closed.
func (o *Options) opened(n int64) {
	o.open.Add(n)
	o.Counters.open.Add(float64(n))
}

// Registry registers committed files somewhere else, as the partitions of a
// Hive table. Its methods are called by the writers' goroutines, many at a time,
// and do not block.
type Registry interface {
	// Reserve is called before a file of a topic is made. An error ends the
	// task, for instance because another topic is registered by that name.
	Reserve(topic string) error
	// Add takes a committed set. After a restart the sets that are still in the
	// log come again. An error ends the task, as one of Reserve does.
	Add(set claim.Set) error
	// Registered reports whether all of a set is registered. The set stays in
	// the log until it is.
	Registered(set claim.Set) bool
}
