package connect

import (
	"context"
	"log/slog"

	"github.com/suiro/suiro/connect/config"
)

// Connector plans the work of its tasks. The worker calls its methods from
// one goroutine.
type Connector interface {
	// Start takes the connector's configuration, parsed and valid by its
	// plugin's Def and Validate. It checks what these cannot, such as whether
	// keys fit the outside system, and returns quickly.
	Start(ctx context.Context, v config.Values) error
	// TaskConfigs plans the tasks: one entry for each, at most maxTasks, that
	// holds only the keys in which the task's configuration differs from the
	// connector's. A nil map is a task with the connector's configuration.
	TaskConfigs(maxTasks int) ([]map[string]string, error)
	// Stop frees what Start acquired.
	Stop() error
}

// SameConfig plans n tasks with the connector's configuration: the plan of a
// connector whose tasks share the work by Kafka's partitions alone.
func SameConfig(n int) []map[string]string { return make([]map[string]string, n) }

// SourceConnector is a [Connector] whose tasks read from an outside system.
type SourceConnector interface {
	Connector
	// NewTask returns a task that has not been started.
	NewTask() SourceTask
}

// SinkConnector is a [Connector] whose tasks write to an outside system.
type SinkConnector interface {
	Connector
	// NewTask returns a task that has not been started.
	NewTask() SinkTask
}

// SourceTask reads records from an outside system.
type SourceTask interface {
	// Start acquires what the task needs and finds its position through tc. v
	// is the connector's configuration with the task's keys of TaskConfigs.
	Start(ctx context.Context, tc SourceContext, v config.Values) error
	// Poll returns the next records, waiting for some until ctx is done. nil
	// and no error means nothing came within a reasonable wait (a second).
	// [ErrEndOfInput] means that nothing will ever come: the worker flushes,
	// keeps the offsets and lets the task rest as RUNNING.
	Poll(ctx context.Context) ([]*SourceRecord, error)
	// Committed is told the highest source offset of each source partition
	// that is kept, in no particular order and perhaps late; for sources that
	// acknowledge upstream. It must not block.
	Committed(partition, offset map[string]any)
	// Stop frees everything. It is called once, also after a failed Start.
	Stop() error
}

// SourceContext is what the worker offers a source task.
type SourceContext interface {
	// Offset returns the kept offset of a source partition, nil when there is
	// none. It is meant for Start.
	Offset(ctx context.Context, partition map[string]any) (map[string]any, error)
	// Reject sends what could not be made a record to the connector's
	// dead-letter queue with the reason, under errors.tolerance. It returns an
	// error when the tolerance is none; the task then returns it from Poll.
	// The rejection is kept in order with the records: r carries the source
	// offset to go on from and the bytes in its value. A rejection made in a
	// Poll comes before the records that this Poll returns, so a task that has
	// records from before it returns those first and rejects in its next Poll.
	Reject(ctx context.Context, r *SourceRecord, reason error) error
	// Logger carries the connector's and the task's name.
	Logger() *slog.Logger
}

// SinkTask writes records to an outside system. The order is Start, then Open
// for partitions gained, Put and PreCommit in turn, Close for partitions lost,
// and Stop.
type SinkTask interface {
	// Start acquires what the task needs. v is the connector's configuration
	// with the task's keys of TaskConfigs.
	Start(ctx context.Context, tc SinkContext, v config.Values) error
	// Open is told which partitions were gained, before their first record.
	// It may set the position to go on from with [SinkContext.Seek].
	Open(ctx context.Context, partitions []TopicPartition) error
	// Put takes records in the order of each partition. It may keep them
	// beyond the call and write later; it may also be called without records
	// so that the task can act on time. A [Retriable] error makes the worker
	// pause all partitions and put the same records again.
	Put(ctx context.Context, records []*SinkRecord) error
	// PreCommit returns the offsets that are safe to commit: everything below
	// them is written or rejected. current is what was put so far. Partitions
	// left out are not committed.
	PreCommit(ctx context.Context, current Offsets) (Offsets, error)
	// Close is told which partitions were lost. When lost is false the worker
	// commits what PreCommit returns just before; when it is true another
	// worker may already own them: nothing more may be written for them.
	Close(ctx context.Context, partitions []TopicPartition, lost bool) error
	// Stop frees everything. It is called once, also after a failed Start.
	Stop() error
}

// SinkContext is what the worker offers a sink task. All its methods may be
// called from any goroutine of the task.
type SinkContext interface {
	// Pause stops delivery of partitions until Resume; records already put
	// stay put. This is how a slow outside system pushes back.
	Pause(partitions ...TopicPartition)
	// Resume undoes Pause.
	Resume(partitions ...TopicPartition)
	// Seek sets the offset of the next record put for a partition.
	Seek(offsets Offsets)
	// RequestCommit asks for PreCommit soon instead of at the next interval.
	RequestCommit()
	// Report sends a record that the outside system refused to the
	// dead-letter queue with the reason, under errors.tolerance. When it
	// returns nil the record counts as written; done, if not nil, is called
	// once the dead letter is acknowledged (or right away without a queue),
	// and the record's offset is safe only then. When the tolerance is none it
	// returns an error that the task returns from its next Put.
	Report(r *SinkRecord, reason error, done func(error)) error
	// Tolerant reports whether errors.tolerance is all, so that Report takes
	// bad records instead of returning an error.
	Tolerant() bool
	// Owned reports whether this member still owns the partition, asked of
	// the group's coordinator and not of memory: a fencing check.
	Owned(ctx context.Context, p TopicPartition) (bool, error)
	// Logger carries the connector's and the task's name.
	Logger() *slog.Logger
}
