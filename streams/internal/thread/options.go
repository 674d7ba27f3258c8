package thread

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/lag"
	"github.com/suiro/suiro/streams/internal/limits"
	"github.com/suiro/suiro/streams/internal/meter"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/topology"
)

// Produce sends a record and calls promise once it is acknowledged or failed.
type Produce func(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error))

// Options are what an app gives a thread.
type Options struct {
	// Group is the consumer group, the application.id.
	Group string
	// Name is unique: it is the static member's group.instance.id and, with
	// ExactlyOnce, the transactional.id, so that a thread that starts again takes
	// over from its former self at once.
	Name string
	// ExactlyOnce makes each epoch a transaction.
	ExactlyOnce bool
	// Client are the options of every Kafka client: brokers and security.
	Client []kgo.Opt
	// Member are the options of the thread's own client, those of Client
	// included: fetching, producing and the time-outs of the group.
	Member []kgo.Opt
	// Sources are the topics that are read. All threads of an app share them. Default: none.
	Sources *group.Sources
	// Source returns what reads a topic, nil when nothing does. Default: nil for all.
	Source func(topic string) *topology.Source
	// Grouped makes all partitions of a task go to one member. Tasks of one topic each do
	// not need it.
	Grouped bool
	// MaxTaskIdle is how long a task waits for records of a partition that is known to
	// have none, before it processes those of others; negative ones make it not wait for
	// those that are known to be there either.
	MaxTaskIdle time.Duration
	// Internal are the sources that the app itself writes.
	Internal map[string]bool
	// Start starts the task with this id, which goes on where it was left, and emits through
	// produce.
	Start func(ctx context.Context, id topology.TaskID, left task.Left, produce Produce) *task.Task

	// Processing is called when tasks get records. Default nil: nobody is told.
	Processing func()
	// Told is called when a member of the group has asked all to stop. Default nil: nobody
	// is told.
	Told func()
	// Paused reports whether nothing is to be processed for now. Default nil: it never is.
	Paused func() bool
	// Check returns why nothing more may be processed: the open epoch is aborted, and the thread
	// ends with that error. Default nil: it may.
	Check func() error
	// Changed is called when [Thread.Status] may have changed, from any goroutine; it must
	// not block. Default nil.
	Changed func()

	// CommitInterval is how long an epoch lasts at most.
	CommitInterval time.Duration
	// TransactionTimeout is when the broker aborts the transaction of an epoch.
	// It is longer than CommitInterval, and not used without ExactlyOnce.
	TransactionTimeout time.Duration
	// HeartbeatInterval is how often heartbeats are sent at least, and the measure of the
	// thread's patience.
	HeartbeatInterval time.Duration
	// MaxPollRecords bounds the records of one poll.
	MaxPollRecords int
	// Budget is how many records the first poll may return. Default: 500, for a
	// thread that replaces none. See [Thread.Budget].
	Budget int
	// InputBytes bounds the bytes of the records that wait for their tasks, in all threads
	// together, of which each has an equal part.
	InputBytes int64
	// Threads is how many threads there are. Default nil: one.
	Threads *atomic.Int64
	// Meter bounds what an epoch holds. Its tasks have it too.
	Meter *meter.Meter
	// Limits are what the topics take. Default nil: everything.
	Limits *limits.Topics
	// Metrics counts for all threads of an app.
	Metrics *telemetry.Metrics
	// Lags follows the partitions of all threads of an app.
	Lags *lag.Tracker
	// Logger gets changes of state and what a person should act on.
	Logger *slog.Logger
}
