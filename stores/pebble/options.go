package pebble

import (
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

// Options tune a [DB]. nil and the zero value have every default.
type Options struct {
	// CacheBytes is the most memory that the DB keeps data in, whatever the number of
	// its stores and keys: recent writes, and in what they leave the cache of
	// uncompressed blocks. What is being written to a file, a batch that is being
	// applied and open iterators take a few MiB beside it. Default: 64 MiB.
	CacheBytes int64
	// MemTableBytes is the size of one table of recent writes; up to three of them
	// are in memory, and then Apply waits until one is written out. Default: a quarter
	// of CacheBytes, at most 16 MiB.
	MemTableBytes uint64
	// Logger gets warnings, and the database's own events at debug level. Default:
	// nothing is logged.
	Logger *slog.Logger
}

// memTables is how many tables of recent writes may wait to be written out
// before Apply has to wait too.
const memTables = 3

// l0Tables is how many tables of recent writes are on disk before they are merged into the
// next level, which has keys from everywhere: with half as many each key is rewritten nearly
// twice as often, with twice as many there are more files to look into. Pebble counts each
// table twice.
const l0Tables = 4

// stopL0Tables is how many of them make Apply wait until some are merged.
const stopL0Tables = 24

// maxOpenFiles is how many files of the database are open at a time.
const maxOpenFiles = 512

// bloomBits per key let one in a hundred look-ups of an absent key reach the
// disk. The first record of every window looks up a key that isn't there.
const bloomBits = 10

// defaults returns a copy with the defaults filled in.
func (o *Options) defaults() Options {
	var filled Options
	if o != nil {
		filled = *o
	}
	if filled.CacheBytes == 0 {
		filled.CacheBytes = 64 << 20
	}
	if filled.MemTableBytes == 0 {
		filled.MemTableBytes = uint64(min(filled.CacheBytes/(memTables+1), 16<<20))
	}
	if filled.Logger == nil {
		filled.Logger = slog.New(slog.DiscardHandler)
	}
	return filled
}

// pebbleOptions returns the database's options.
func pebbleOptions(d *DB, o Options) *pebble.Options {
	p := &pebble.Options{
		CacheSize:                   o.CacheBytes,
		EventListener:               d.fs.listener(),
		FS:                          d.fs,
		L0CompactionThreshold:       2 * l0Tables,
		L0StopWritesThreshold:       stopL0Tables,
		LBaseMaxBytes:               int64(4 * o.MemTableBytes),
		Logger:                      logger{log: o.Logger, failure: d.failure},
		MaxOpenFiles:                maxOpenFiles,
		MemTableSize:                o.MemTableBytes,
		MemTableStopWritesThreshold: memTables,
		WALBytesPerSync:             1 << 20,
		// The next version has the log vouch for what it has forced to the
		// disk. This one does so later than Pebble believes (see logFile).
		FormatMajorVersion: pebble.FormatColumnarBlocks,
	}
	for i := range p.Levels {
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(bloomBits)
	}
	p.Experimental.CompactionScheduler = &d.merges
	return p
}
