package connect

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect/config"
)

// Connector plans the work of its tasks. The worker calls its methods from
// one goroutine.
type Connector interface {
	// Start takes the connector's configuration, which the plugin's Def has parsed
	// and its Validate has accepted. It checks what these cannot, such as whether
	// the configuration fits the outside system, and returns quickly.
	Start(ctx context.Context, v config.Values) error
	// TaskConfigs plans the tasks, at most maxTasks. It returns a map for each
	// task that holds only the keys in which the task's configuration differs
	// from the connector's. A nil map is a task with the connector's
	// configuration.
	TaskConfigs(maxTasks int) ([]map[string]string, error)
	// Stop frees what Start acquired.
	Stop() error
}

// Initializer is a connector that acts by itself while it runs: one that watches its
// outside system and wants its tasks planned again when there are more tables, or that
// finds out that it cannot go on. The worker finds out by a type assertion.
type Initializer interface {
	// Initialize is called once, before Start.
	Initialize(cc ConnectorContext)
}

// ConnectorContext is what the worker offers a connector. Its methods may be called
// from any goroutine, from Start to Stop.
type ConnectorContext interface {
	// RequestTaskReconfiguration asks for a call of TaskConfigs soon. Tasks whose
	// configuration has changed are started again. It does not block.
	RequestTaskReconfiguration()
	// RaiseError says that the connector cannot go on: it is FAILED, with the error in
	// its status. Its tasks go on.
	RaiseError(err error)
	// Offset returns the kept offset of a source partition, nil when there is none. A
	// sink connector has none.
	Offset(ctx context.Context, partition map[string]any) (map[string]any, error)
	// Logger returns a logger that names the connector.
	Logger() *slog.Logger
}

// SameConfig plans n tasks with the connector's configuration. It is the plan of a
// sink whose tasks share the work only by the partitions that Kafka assigns.
func SameConfig(n int) []map[string]string { return make([]map[string]string, n) }

// SourceConnector is a [Connector] whose tasks read from an outside system.
type SourceConnector interface {
	Connector
	// NewTask returns a task that has not been started. It is called once for each
	// life of each task, from any goroutine: on the connector that runs in the task's
	// worker, or, when it runs on another worker, on one that was not started.
	NewTask() SourceTask
}

// SinkConnector is a [Connector] whose tasks write to an outside system.
type SinkConnector interface {
	Connector
	// NewTask returns a task that has not been started. It is called once for each
	// life of each task, from any goroutine: on the connector that runs in the task's
	// worker, or, when it runs on another worker, on one that was not started.
	NewTask() SinkTask
}

// SourceTask reads records from an outside system.
type SourceTask interface {
	// Start acquires what the task needs and finds its position through tc. v
	// is the connector's configuration with the task's keys of TaskConfigs.
	Start(ctx context.Context, tc SourceContext, v config.Values) error
	// Poll returns the next records. When there are none it waits for about a
	// second, or until ctx is done, and returns no records and no error; one that
	// returns at once, again and again, is slowed down. Every record has a topic, a
	// source partition and a source offset. Records that come with an error are
	// written before the worker acts on the error.
	// [ErrEndOfInput] means that there will never be more: the worker flushes,
	// keeps the offsets and leaves the task idle in the state RUNNING.
	Poll(ctx context.Context) ([]*SourceRecord, error)
	// Committed is called with the latest source offset of a source partition that
	// is kept, in no particular order and perhaps late, so that a source can
	// acknowledge its input. It must not block.
	Committed(partition, offset map[string]any)
	// Stop frees everything. It is called once, also after a failed Start.
	Stop() error
}

// WriteObserver is a source task that wants to know where Kafka has put its records, such as one that
// translates the offsets of another cluster. The worker finds out by a type assertion.
type WriteObserver interface {
	// Written is called when Kafka has acknowledged a record that Poll returned, with the
	// partition and the offset that the record has there: for the records of one Kafka partition
	// in their order. A record that a transform dropped or that was rejected is left out. With
	// exactly-once, the transaction of the record is still open, and may be aborted; Committed
	// comes after its end. Written may be called from any goroutine, also while Poll runs and
	// before Stop has returned, and must not block.
	Written(r *SourceRecord, in TopicPartition, offset int64)
}

// SourceContext is what the worker offers a source task.
type SourceContext interface {
	// Offset returns the kept offset of a source partition, nil when there is
	// none. It is meant for Start.
	Offset(ctx context.Context, partition map[string]any) (map[string]any, error)
	// Reject gives up input that cannot become a record. When errors.tolerance is
	// all, the bytes in the value of r go to the connector's dead-letter queue, if
	// it has one, with the reason. When it is none, Reject returns an error, which
	// the task returns from Poll. A rejection has its place in the order of the records:
	// r carries the source offset to continue from, and a rejection made during a
	// Poll comes before the records that this Poll returns. A task that has
	// earlier records therefore returns those first and rejects in its next Poll.
	Reject(ctx context.Context, r *SourceRecord, reason error) error
	// Metrics returns where the task registers metrics of its own in Start. They are
	// shown under /metrics with the labels connector and task, and no longer when
	// this life of the task ends: another life registers its own, which begin at 0.
	// Names are those of Prometheus, beginning with the kind of connector, such as
	// elasticsearch_sink_documents_written_total. An error series is registered from
	// the start, so that it is seen at 0. A metric that is a function is called at
	// each scrape, from any goroutine, and does not block.
	Metrics() prometheus.Registerer
	// Logger returns a logger that names the connector and the task.
	Logger() *slog.Logger
}

// SinkTask writes records to an outside system. The worker calls Start, then Open
// for partitions that are assigned, Put and PreCommit in turn, Close for partitions
// that are revoked or lost, and in the end Stop.
type SinkTask interface {
	// Start acquires what the task needs. v is the connector's configuration
	// with the task's keys of TaskConfigs.
	Start(ctx context.Context, tc SinkContext, v config.Values) error
	// Open is called with the partitions that were assigned, before their first
	// record. It may choose the next record with [SinkContext.Seek].
	Open(ctx context.Context, partitions []TopicPartition) error
	// Put takes records, those of a partition in order. The task may keep them
	// and write them later. Put is also called without records, so that the task
	// can do what is due. After a [Retriable] error the worker pauses all
	// partitions and puts the same records again.
	Put(ctx context.Context, records []*SinkRecord) error
	// PreCommit returns the offsets that are safe to commit: every record below
	// them is written or rejected. current are the offsets after the records that
	// were put; an offset beyond them ends this life of the task. A partition that
	// is left out is not committed.
	PreCommit(ctx context.Context, current Offsets) (Offsets, error)
	// Close is called with the partitions that the task no longer owns. When lost
	// is false they were revoked, and the worker has just committed what PreCommit
	// returned. When it is true another worker may already own them, and nothing
	// more may be written for them.
	Close(ctx context.Context, partitions []TopicPartition, lost bool) error
	// Stop frees everything. It is called once, also after a failed Start.
	Stop() error
}

// Waiter is a task that knows when it waits for its outside system and cannot move
// records: a sink that keeps records and tries again by itself. The worker finds out
// by a type assertion, shows the reason in the status of the running task, and is
// not ready (GET /ready) meanwhile.
type Waiter interface {
	// Waiting returns why the task waits, and nil while it works. A pause that is over
	// within seconds is not worth an answer. Waiting may be called from any goroutine,
	// also before Start and after Stop, and does not block.
	Waiting() error
}

// SinkContext is what the worker offers a sink task. All its methods may be
// called from any goroutine of the task.
type SinkContext interface {
	// Pause stops the delivery of partitions until Resume. Records that were put
	// stay with the task. This is how a slow outside system slows down the reading.
	Pause(partitions ...TopicPartition)
	// Resume undoes Pause.
	Resume(partitions ...TopicPartition)
	// Seek sets the offset of the next record put for a partition.
	Seek(offsets Offsets)
	// RequestCommit asks for PreCommit soon instead of at the next interval.
	RequestCommit()
	// Report gives up a record that the outside system refuses. When
	// errors.tolerance is all, the record goes to the dead-letter queue, if there is
	// one, with the reason. done, if not nil, is called when the dead letter is acknowledged,
	// or at once without a queue; only then is the record's offset safe. When
	// errors.tolerance is none, Report returns an error, which the task returns
	// from its next Put.
	Report(r *SinkRecord, reason error, done func(error)) error
	// ReportAll gives up several records, as Report does each, and returns when all
	// their dead letters are acknowledged: a sink that keeps its offsets with its
	// data reports, and only then moves on. The error is the first of Report, which
	// the task returns from its next Put; or that of a dead letter that could not be
	// written; or that of ctx, after which dead letters may still be on their way.
	// In each case the offsets of those that are not acknowledged stay held back.
	ReportAll(ctx context.Context, rejections []Rejection) error
	// Tolerant reports whether errors.tolerance is all: whether Report accepts bad
	// records instead of returning an error.
	Tolerant() bool
	// Owned reports whether this member of the group still owns the partition. It
	// asks the group's coordinator instead of trusting what this process
	// remembers, so that a former owner stops writing.
	Owned(ctx context.Context, p TopicPartition) (bool, error)
	// Metrics returns where the task registers metrics of its own in Start. They are
	// shown under /metrics with the labels connector and task, and no longer when
	// this life of the task ends: another life registers its own, which begin at 0.
	// Names are those of Prometheus, beginning with the kind of connector, such as
	// elasticsearch_sink_documents_written_total. An error series is registered from
	// the start, so that it is seen at 0. A metric that is a function is called at
	// each scrape, from any goroutine, and does not block.
	Metrics() prometheus.Registerer
	// Logger returns a logger that names the connector and the task.
	Logger() *slog.Logger
}
