package plan

import (
	"errors"
	"io"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/keys"
	"github.com/suiro/suiro/connect/plan/internal/secrets"
)

// Type is source or sink.
type Type string

// The types of connectors, by Kafka Connect's names.
const (
	Source Type = "source"
	Sink   Type = "sink"
)

// WorkerDef returns the keys of a worker's configuration, standalone or distributed.
func WorkerDef() *config.Def { return keys.Worker() }

// ConnectorDef returns the keys that the runtime adds to those of a connector's
// plugin.
func ConnectorDef(t Type) *config.Def {
	if t == Source {
		return keys.Source()
	}
	return keys.Sink()
}

// Connector is a connector's compiled configuration. It is not changed after
// [Compile], except by Close. Whoever compiled it is its first user.
type Connector struct {
	// Name is the connector's, unique in the worker.
	Name string
	// Type is source or sink.
	Type Type
	// Class is the plugin's, whichever alias the operator wrote.
	Class string
	// Version is the plugin's.
	Version string
	// Props are the properties as the operator wrote them, secrets included; see
	// [Connector.Shown].
	Props map[string]string
	// Values are those of the plugin's own keys, for the connector's Start.
	Values config.Values
	// MaxTasks is the greatest number of tasks.
	MaxTasks int

	// Key and Value convert the records' keys and values.
	Key, Value Converter
	// Header converts the records' headers.
	Header HeaderConverter
	// Chain is the transforms, in order.
	Chain []Step

	// Tolerance says what becomes of bad records.
	Tolerance Tolerance
	// DeadLetters is where tolerated bad records go; nil drops them.
	DeadLetters *DeadLetters
	// Restarts say when a failed task is started again.
	Restarts Restarts
	// Producer configures the client that writes records and dead letters.
	Producer Client

	// NewSource makes the connector, and Records says how its records are
	// written; both are set for sources only.
	NewSource func() connect.SourceConnector
	Records   *SourceRecords
	// NewSink makes the connector, and Subscription says what its tasks read;
	// both are set for sinks only.
	NewSink      func() connect.SinkConnector
	Subscription *Subscription

	// Warnings are about keys that have no effect here, a sentence each.
	Warnings []string

	// TaskClass is what Kafka Connect calls the class of the connector's tasks: in its
	// configurations of tasks it stands in the key "task.class".
	TaskClass string

	secrets *secrets.Set
	ttl     time.Duration
	renewed func() bool
	closers []io.Closer
	further atomic.Int32 // users beyond the first
}

// Converter is a converter with its class, which dead letters show.
type Converter struct {
	connect.Converter
	// Class is the plugin's, and Version its version, "" when it has none.
	Class, Version string
}

// HeaderConverter is a header converter with its class, which dead letters
// show.
type HeaderConverter struct {
	connect.HeaderConverter
	// Class is the plugin's, and Version its version, "" when it has none.
	Class, Version string
}

// Tolerance says what becomes of a record that cannot be converted, transformed
// or written.
type Tolerance struct {
	// All tolerates bad records; without it the first one ends the task.
	All bool
	// Limit is how many bad records are tolerated within Window; 0 is without end.
	Limit int64 `config:"errors.tolerance.limit"`
	// Window is how long a bad record counts for Limit.
	Window time.Duration `config:"errors.tolerance.window.ms"`
	// RetryTimeout is how long an operation that may succeed later is tried
	// again; negative is without end, 0 not at all.
	RetryTimeout time.Duration `config:"errors.retry.timeout"`
	// RetryDelayMax is the longest pause between two tries.
	RetryDelayMax time.Duration `config:"errors.retry.delay.max.ms"`
	// Log logs each bad record that is tolerated.
	Log bool `config:"errors.log.enable"`
	// LogOrigin makes the log show where the record came from.
	LogOrigin bool `config:"errors.log.include.messages"`
}

// DeadLetters say where dead letters go.
type DeadLetters struct {
	// Topic takes them.
	Topic string `config:"errors.deadletterqueue.topic.name"`
	// Replication is the number of replicas that Topic is created with; -1 is the
	// broker's default.
	Replication int `config:"errors.deadletterqueue.topic.replication.factor"`
	// Context adds headers with origin and reason.
	Context bool `config:"errors.deadletterqueue.context.headers.enable"`
}

// Restarts say when a failed task is started again, and when one that runs is unwell.
type Restarts struct {
	// Delay is the first pause; each further one is twice as long.
	Delay time.Duration `config:"errors.restart.delay.ms"`
	// DelayMax is the longest pause. A task that has run for longer begins with
	// Delay again.
	DelayMax time.Duration `config:"errors.restart.delay.max.ms"`
	// Max is how often a task is restarted; -1 is without end.
	Max int `config:"errors.restart.max"`
	// RecordMax is how often in a row a task is restarted that fails at a bad record; -1
	// is without end.
	RecordMax int `config:"errors.restart.record.max"`
	// Stall is how long a sink task may make no progress while its lag grows before it
	// counts as stalled; 0 is without end.
	Stall time.Duration `config:"errors.stall.timeout.ms"`
}

// SourceRecords say how a source's records are written.
type SourceRecords struct {
	// Creation says how missing topics are created.
	Creation TopicCreation
	// ExactlyOnce writes records and their offsets in one transaction.
	ExactlyOnce bool
	// TransactionInterval is the length of a transaction; 0 makes one of each
	// poll.
	TransactionInterval time.Duration
	// TransactionTimeout is when the broker aborts a transaction.
	TransactionTimeout time.Duration
	// TransactionalIDPrefix begins the transactional ids of the tasks; their
	// numbers follow.
	TransactionalIDPrefix string
	// OffsetTopic keeps the source offsets where Producer writes to, with the worker's
	// store behind it; "" when they are in the worker's store alone.
	OffsetTopic string
}

// Subscription says what a sink's tasks read.
type Subscription struct {
	// Topics are those to read; nil when Pattern says which.
	Topics []string
	// Pattern matches the whole name of the topics to read; nil with Topics.
	Pattern *regexp.Regexp
	// Group is the tasks' consumer group.
	Group string
	// InstancePrefix begins the tasks' group.instance.id; "" makes dynamic
	// members.
	InstancePrefix string
	// CreateTopics lets the brokers create those of Topics that are missing.
	CreateTopics bool
	// MaxPollRecords is the greatest number of records in one Put.
	MaxPollRecords int
	// Consumer configures the clients. Group and member are not part of it.
	Consumer Client
}

// TTL is how often to ask [Connector.Renewed]; 0 is never, because no config provider
// that the connector refers to has a ttl.ms, or because of config.action.reload=none.
func (c *Connector) TTL() time.Duration { return c.ttl }

// Renewed looks up what the connector's references stand for, and reports whether that
// is something else than it was when the connector was compiled. What cannot be looked
// up counts as unchanged. It may be called from any goroutine.
func (c *Connector) Renewed() bool { return c.renewed() }

// Retain adds a user of the plan, who calls Close once as whoever compiled it does.
// The worker retains a plan for what it runs, so that a task that ends late still has
// its converters.
func (c *Connector) Retain() { c.further.Add(1) }

// Close ends one use of the plan. The last one closes the converters, transforms and
// predicates that are an [io.Closer].
func (c *Connector) Close() error {
	if c.further.Add(-1) >= 0 {
		return nil
	}
	var errs []error
	for _, each := range c.closers {
		errs = append(errs, each.Close())
	}
	c.closers = nil
	return errors.Join(errs...)
}
