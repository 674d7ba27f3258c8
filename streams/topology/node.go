package topology

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
)

// Header is a record header.
type Header struct {
	// Key is the header's name.
	Key string
	// Value is the header's value; nil is null.
	Value []byte
}

// Record is one record as a source reads it. A task reuses it for the next record:
// a [Handler] may not keep the Record or its Headers. It may keep Key and Value,
// and may not change them.
type Record struct {
	// Topic is the Kafka name of the topic.
	Topic string
	// Partition is the partition of the topic.
	Partition int32
	// Offset is the record's place in the partition.
	Offset int64
	// Key is the raw key; nil is null.
	Key []byte
	// Value is the raw value; nil is null.
	Value []byte
	// Headers are the record's headers.
	Headers []Header
	// Timestamp is the record's event time, in milliseconds.
	Timestamp time.Time
}

// Handler processes one record. An error that is a [Rejection] concerns only this
// record, which becomes a dead letter; any other error fails the task.
type Handler func(r *Record) error

// Context is what a task offers its nodes. It is used from the task's
// goroutine only.
type Context interface {
	// Task names the subtopology and partition.
	Task() TaskID
	// Overlay holds the task's stores with the writes of the open epoch.
	Overlay() *stores.Overlay
	// Stores are the task's stores, by the names and kinds that its nodes declare. The node
	// that has a store with a time-to-live calls [kinds.KeyValueStore.Expire] at the end of
	// an epoch, in what it gives to [Context.OnCommit].
	Stores() *kinds.Stores
	// Global reads a global store, which every node may, and no node of a task may write.
	// It is nil when the topology has none of the name.
	Global(store string) *kinds.KeyValueReader
	// Cached reports whether stores of tables keep the last value of an epoch, to be
	// stored and forwarded at its end; otherwise each is at once.
	Cached() bool
	// Emit sends a record to a topic of the subtopology's sinks. Java's murmur2
	// of the key chooses the partition. Key, value and headers must not be
	// changed afterwards. A record over max.request.size is refused with a
	// [Rejection].
	Emit(topic string, key, value []byte, ts time.Time, headers []Header) error
	// Now is the clock: that of the machine, or of a test.
	Now() time.Time
	// EmitInterval is how much of the clock nodes let pass between two looks for what
	// comes when its time is over. 0 is always.
	EmitInterval() time.Duration
	// EmitTo is Emit to a partition, or with -1 to that of the key.
	EmitTo(topic string, partition int32, key, value []byte, ts time.Time, headers []Header) error
	// Partitions returns how many partitions a topic of the subtopology's sinks has. The
	// error is the record's.
	Partitions(topic string) (int, error)
	// StreamTime is the highest record timestamp the task has seen.
	StreamTime() time.Time
	// Drop counts a record that is left out on purpose.
	Drop()
	// Late counts a record that is left out because it came after the grace of
	// its window.
	Late()
	// Schedule calls punctuate every interval, in the task's goroutine and within an
	// epoch: what it emits and stores is committed with the epoch, and when that is aborted
	// it is called again. By stream time it is called after the record with which the time
	// has come, the first record of all included; by the clock between records. A call that
	// comes late stands for those that were missed. An error fails the task; a [Rejection]
	// becomes a dead letter. cancel ends the schedule. It panics when the interval is
	// shorter than a millisecond.
	Schedule(interval time.Duration, by PunctuationType, punctuate func(now time.Time) error) (cancel func())
	// Metadata names the record in process, and is false in a punctuation and at the end
	// of an epoch, where there is none.
	Metadata() (at Position, ok bool)
	// ProcessorMetadata returns what was kept under a key with the offsets that are
	// committed: unlike what is in a store, a task that has moved has it without a
	// changelog. All nodes of a task share the keys.
	ProcessorMetadata(key string) (value int64, ok bool)
	// SetProcessorMetadata keeps a value with the offsets of the open epoch. When partitions
	// of a task have different ones, the largest counts.
	SetProcessorMetadata(key string, value int64)
	// OnCommit registers what to do when the epoch ends: commit writes what a
	// node has cached to the overlay, and may emit; abort forgets everything
	// since the last commit. Nodes register children first; commit runs parents
	// first. When commit returns [ErrRepeat] the epoch is aborted, and its records
	// come again.
	OnCommit(commit func() error, abort func())
	// Grow tells the task how many bytes a node's cache has grown by, or
	// shrunk by when negative; the epoch ends early when it holds too much.
	Grow(bytes int64)
	// Position names the record in process; at the end of an epoch it is the last one.
	Position() Position
	// Fits returns a [Rejection] when the value of a key of the named store would be
	// too large for the changelog, nil when it fits.
	Fits(store string, key, value []byte) error
	// Hold begins the forwarding of an update that is not made by the record in process:
	// at the end of an epoch, or because its time has come. What is emitted waits until
	// Release, or is dropped by Refuse. They may be nested.
	Hold() (mark int)
	// Release ends what Hold began, when all went well.
	Release(mark int)
	// Refuse ends what Hold began, when the update could not be forwarded because of err:
	// the app's handlers decide what becomes of it. It returns the error that fails the
	// task, nil for none.
	Refuse(mark int, u Update, err error) error
	// OnClose registers what to do when the task ends, after its last record.
	OnClose(f func())
	// Once returns what build returned the first time for this task and node:
	// a node with two parents is one node.
	Once(node string, build func() any) any
	// Logger returns a logger that carries the task's id.
	Logger() *slog.Logger
}

// PunctuationType says which time a [Context.Schedule] follows.
type PunctuationType int

// The types of punctuation.
const (
	// StreamTime is the largest timestamp of the task's records.
	StreamTime PunctuationType = iota
	// WallClockTime is the time of the clock.
	WallClockTime
)

// Position is a place in a topic.
type Position struct {
	// Topic is the Kafka name of the topic.
	Topic string
	// Partition is the partition of the topic.
	Partition int32
	// Offset is the record's place in the partition.
	Offset int64
}

// String returns the form topic-partition@offset.
func (p Position) String() string { return fmt.Sprintf("%s-%d@%d", p.Topic, p.Partition, p.Offset) }

// Update is a change of a store that is passed on at the end of an epoch.
type Update struct {
	// Store is the name of the store.
	Store string
	// Key is the key in the store.
	Key []byte
	// Value is the value in the store.
	Value []byte
	// Timestamp is that of the latest record which changed the value.
	Timestamp time.Time
	// Offset is the latest record's offset in the topic that the task reads.
	Offset int64
}

// ErrRepeat is the error of the end of an epoch which cannot be committed as it is, and
// will be otherwise when its records are processed again.
var ErrRepeat = errors.New("the records of the epoch are processed again")

// Source reads topics: those that are named, or those whose names match a pattern.
type Source struct {
	// Name is the name of the node.
	Name string
	// Topic is the topic's name in the topology.
	Topic string
	// Topics are further topics. Default: none.
	Topics []string
	// Pattern reads every topic whose whole name it matches, also those that appear
	// later, in the place of Topic and Topics. Default: none.
	Pattern *regexp.Regexp
	// Internal marks a repartition topic: the app names it
	// <application.id>-<Topic>, creates it and purges it.
	Internal bool
	// Reset is where to begin in a partition for which the group has no offset:
	// "earliest", "latest" or "none", which is an error. Default: auto.offset.reset.
	Reset string
	// Timestamp returns the event time of a record, in milliseconds since 1970; with a
	// negative one the record is dropped. partitionTime is the latest that the records
	// before it in the partition had, or [NoTime]. An error is a [Rejection] of the
	// record. Several goroutines may call it. Default: the timestamp that the record has,
	// which may be negative.
	Timestamp func(r *Record, partitionTime int64) (int64, error)
	// New returns the handler of one task. It is called before the task's first
	// record, and again after each restart.
	New func(Context) Handler
}

// NoTime is the partition time before the first record.
const NoTime = -1

// How a partition is begun without an offset; see [Source.Reset].
const (
	ResetEarliest = "earliest"
	ResetLatest   = "latest"
	ResetNone     = "none"
)

// Reads returns the names of the topics in the topology, none for a source with a pattern.
func (s *Source) Reads() []string {
	if s.Topic == "" {
		return s.Topics
	}
	return append([]string{s.Topic}, s.Topics...)
}

// Matches reports whether the source has a pattern that matches the whole name of a topic.
func (s *Source) Matches(topic string) bool {
	if s.Pattern == nil {
		return false
	}
	whole, err := regexp.Compile("^(?:" + s.Pattern.String() + ")$")
	return err == nil && whole.MatchString(topic)
}

// check returns what is wrong with what the source reads.
func (s *Source) check() (errs []error) {
	switch named := len(s.Reads()) > 0; {
	case !named && s.Pattern == nil:
		errs = append(errs, fmt.Errorf("source %q reads no topic: name one, or give it a pattern", s.Name))
	case named && s.Pattern != nil:
		errs = append(errs, fmt.Errorf("source %q has topics and a pattern: give it one of them", s.Name))
	}
	switch s.Reset {
	case "", ResetEarliest, ResetLatest, ResetNone:
	default:
		errs = append(errs, fmt.Errorf("source %q is to begin at %q where the group has no offset: choose earliest, latest "+
			"or none", s.Name, s.Reset))
	}
	return errs
}

// Processor is a node that is neither source nor sink.
type Processor struct {
	// Name is the name of the node.
	Name string
	// Stores are the stores that the node uses.
	Stores []Store
}

// Sink writes a topic.
type Sink struct {
	// Name is the name of the node.
	Name string
	// Topic is the topic's name in the topology. Default: each record has one of its own.
	Topic string
	// Internal marks a repartition topic, as in [Source].
	Internal bool
	// Partitions is the least number of partitions of an internal topic.
	// Default: as many as the subtopology has.
	Partitions int32
}

// Failed is an error with the name of the node that it comes from.
type Failed struct {
	// Node is the name of the node.
	Node string
	// Err is the error.
	Err error
}

// Error returns the text of the error.
func (f *Failed) Error() string { return f.Err.Error() }

// Unwrap returns the error.
func (f *Failed) Unwrap() error { return f.Err }

// In returns err with the name of the node that it comes from, unless it has one of a node
// below.
func In(node string, err error) error {
	var known *Failed
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &Failed{node, err}
}

// ErrPanic is in the error of a node that has panicked.
var ErrPanic = errors.New("panic")

// Rejection is an error that concerns one record only: it cannot be decoded,
// processed or written, and will not get better by trying again.
type Rejection struct {
	// Stage says where: deserialization, processing or production.
	Stage string
	// Topic is the name, in the topology, of the topic that could not be written. Default:
	// none, or it is not known.
	Topic string
	// Err is the reason.
	Err error
}

// Error returns the stage and the reason.
func (r *Rejection) Error() string { return r.Stage + ": " + r.Err.Error() }

// Unwrap returns the reason.
func (r *Rejection) Unwrap() error { return r.Err }

// The stages of a [Rejection], as Kafka Streams' handlers are called.
const (
	Deserialization = "deserialization"
	Processing      = "processing"
	Production      = "production"
)
