package plan

import (
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/javaregex"
)

// The values of errors.tolerance.
const (
	toleranceNone = "none"
	toleranceAll  = "all"
)

// The groups of keys that user interfaces show.
const (
	groupCommon   = "Common"
	groupErrors   = "Error Handling"
	groupDLQ      = "Dead letter queue"
	groupCreation = "Topic Creation"
	groupOnce     = "Exactly Once Support"
)

// The keys of the runtime that every connector of a type has.
var (
	sourceDef = config.New(slices.Concat(connectorKeys(), sourceKeys())...)
	sinkDef   = config.New(slices.Concat(connectorKeys(), sinkKeys())...)
)

// ConnectorDef returns the keys that the runtime adds to those of a connector's
// plugin.
func ConnectorDef(t Type) *config.Def {
	if t == Source {
		return sourceDef
	}
	return sinkDef
}

const simpleHeaderConverter = "org.apache.kafka.connect.storage.SimpleHeaderConverter"

// converterKeys are a worker's, which must name the converters of keys and
// values, or a connector's.
func converterKeys(required bool) []config.Key {
	header := config.Key{Name: "header.converter", DisplayName: "Header converter class", Width: "SHORT",
		Type: config.Class, Importance: config.Low, Group: groupCommon,
		Doc: "Class that converts record headers."}
	if required {
		header.Default = simpleHeaderConverter
	}
	return []config.Key{
		{Name: "key.converter", DisplayName: "Key converter class", Width: "SHORT",
			Type: config.Class, Required: required, Importance: config.Low, Group: groupCommon,
			Doc: "Class that converts record keys."},
		{Name: "value.converter", DisplayName: "Value converter class", Width: "SHORT",
			Type: config.Class, Required: required, Importance: config.Low, Group: groupCommon,
			Doc: "Class that converts record values."},
		header,
	}
}

func connectorKeys() []config.Key {
	keys := []config.Key{
		{Name: "name", DisplayName: "Connector name", Width: "MEDIUM",
			Type: config.String, Required: true, Valid: config.NonEmpty(), Group: groupCommon,
			Doc: "Name of the connector, unique in the worker."},
		{Name: "connector.class", DisplayName: "Connector class", Width: "LONG",
			Type: config.String, Required: true, Group: groupCommon,
			Doc: "Class of the connector or an alias."},
		{Name: "tasks.max", DisplayName: "Tasks max", Width: "SHORT",
			Type: config.Int, Default: 1, Valid: config.AtLeast(1), Group: groupCommon,
			Doc: "How many tasks to start at most."},
		{Name: "tasks.max.enforce", DisplayName: "Enforce tasks max", Width: "SHORT",
			Type: config.Boolean, Default: true, Importance: config.Low, Group: groupCommon,
			NoEffect: "a connector never gets more tasks than tasks.max",
			Doc:      "Accepted for Kafka Connect's sake, without effect: a connector never gets more tasks than tasks.max."},
	}
	return slices.Concat(keys, converterKeys(false), chainKeys(), errorKeys(), deadLetterKeys())
}

func chainKeys() []config.Key {
	return []config.Key{
		{Name: "transforms", DisplayName: "Transforms", Width: "LONG",
			Type: config.List, Default: "", Importance: config.Low, Group: "Transforms",
			Doc: "Aliases of the transforms to apply, in order."},
		{Name: "predicates", DisplayName: "Predicates", Width: "LONG",
			Type: config.List, Default: "", Importance: config.Low, Group: "Predicates",
			Doc: "Aliases of the predicates that transforms use."},
	}
}

func errorKeys() []config.Key {
	medium := config.Medium
	return []config.Key{
		{Name: "errors.retry.timeout", DisplayName: "Retry Timeout for Errors", Width: "MEDIUM",
			Type: config.Long, Default: 0, Importance: medium, Group: groupErrors,
			Doc: "How long to retry a failed conversion or transform that may succeed later, in milliseconds, before the task " +
				"is restarted; -1 is without end. Such a record never becomes a dead letter."},
		{Name: "errors.retry.delay.max.ms", DisplayName: "Maximum Delay Between Retries for Errors", Width: "MEDIUM",
			Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors, Doc: "The longest pause between two tries."},
		{Name: "errors.tolerance", DisplayName: "Error Tolerance", Width: "SHORT",
			Type: config.String, Default: toleranceNone, Importance: medium, Group: groupErrors,
			Valid: config.OneOf(true, toleranceNone, toleranceAll),
			Doc:   "none stops the task at a bad record, all skips it or sends it to the dead letter queue."},
		{Name: "errors.log.enable", DisplayName: "Log Errors", Width: "SHORT",
			Type: config.Boolean, Default: false, Importance: medium, Group: groupErrors,
			Doc: "Whether to log each bad record that is tolerated."},
		{Name: "errors.log.include.messages", DisplayName: "Log Error Details", Width: "SHORT",
			Type: config.Boolean, Default: false, Importance: medium, Group: groupErrors,
			Doc: "Whether the log shows where the record came from."},
		{Name: "errors.restart.delay.ms", DisplayName: "Delay Before a Restart", Width: "MEDIUM",
			Type: config.Long, Default: 1000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors, Doc: "Pause before a failed task is restarted; it doubles with each failure."},
		{Name: "errors.restart.delay.max.ms", DisplayName: "Maximum Delay Before a Restart", Width: "MEDIUM",
			Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors, Doc: "The longest pause before a failed task is restarted."},
		{Name: "errors.restart.max", DisplayName: "Maximum Number of Restarts", Width: "SHORT",
			Type: config.Int, Default: -1, Valid: config.AtLeast(-1), Importance: medium,
			Group: groupErrors, Doc: "How often a failing task is restarted; -1 is without end, 0 is Kafka Connect's way."},
	}
}

func deadLetterKeys() []config.Key {
	medium := config.Medium
	return []config.Key{
		{Name: keyDeadLetterTopic, DisplayName: "Dead Letter Queue Topic Name", Width: "MEDIUM",
			Type: config.String, Default: "", Importance: medium, Group: groupDLQ,
			Doc: "Topic for bad records under errors.tolerance=all; it is created when missing. Empty drops them."},
		{Name: "errors.deadletterqueue.topic.replication.factor",
			DisplayName: "Dead Letter Queue Topic Replication Factor", Width: "MEDIUM",
			Type: config.Short, Default: 3, Importance: medium,
			Group: groupDLQ, Valid: config.AtLeast(-1),
			Doc: "Replicas of the dead letter topic when it is created; -1 is the broker's default."},
		{Name: "errors.deadletterqueue.context.headers.enable", DisplayName: "Enable Error Context Headers", Width: "MEDIUM",
			Type: config.Boolean, Default: true, Importance: medium,
			Group: groupDLQ, Doc: "Whether the headers of dead letters tell origin and reason."},
	}
}

const keyDeadLetterTopic = "errors.deadletterqueue.topic.name"

func sinkKeys() []config.Key {
	return []config.Key{
		{Name: "topics", DisplayName: "Topics", Width: "LONG",
			Type: config.List, Default: "", Group: groupCommon, Doc: "Topics to read, separated by commas."},
		{Name: "topics.regex", DisplayName: "Topics regex", Width: "LONG",
			Type: config.String, Default: "", Valid: isRegexp(), Group: groupCommon,
			Doc: "Pattern of the topics to read, instead of topics. It must not match the dead letter topic."},
	}
}

// The values of transaction.boundary.
const (
	boundaryPoll     = "poll"
	boundaryInterval = "interval"
)

func sourceKeys() []config.Key {
	medium, low := config.Medium, config.Low
	return []config.Key{
		{Name: "topic.creation.groups", DisplayName: "Topic Creation Groups", Width: "LONG",
			Type: config.List, Default: "", Importance: low, Group: groupCreation,
			Doc: "Names of groups of topics that are created with settings of their own; a topic belongs to the first that " +
				"matches, and else to the group default."},
		{Name: "topic.creation.default.replication.factor", DisplayName: "Replication Factor", Width: "SHORT",
			Type: config.Short, Importance: medium, Group: groupCreation,
			Valid: config.AtLeast(-1), Doc: "Replicas of topics that are created; -1 is the broker's default."},
		{Name: "topic.creation.default.partitions", DisplayName: "Partitions", Width: "SHORT",
			Type: config.Int, Importance: medium, Group: groupCreation,
			Valid: config.AtLeast(-1), Doc: "Partitions of topics that are created; -1 is the broker's default."},
		{Name: "exactly.once.support", DisplayName: "Exactly once support", Width: "SHORT",
			Type: config.String, Default: "requested", Importance: medium, Group: groupOnce,
			Valid: config.OneOf(true, "requested", "required"),
			Doc:   "required refuses to run without exactly.once.source.support=enabled in the worker."},
		{Name: "transaction.boundary", DisplayName: "Transaction Boundary", Width: "SHORT",
			Type: config.String, Default: boundaryPoll, Importance: medium, Group: groupOnce,
			Valid: config.OneOf(true, boundaryPoll, boundaryInterval),
			Doc:   "Whether each poll makes a transaction, or each transaction.boundary.interval.ms."},
		{Name: "transaction.boundary.interval.ms", DisplayName: "Transaction boundary interval", Width: "SHORT",
			Type: config.Long, Importance: low, Group: groupOnce,
			Valid: config.AtLeast(1),
			Doc: "Length of a transaction with transaction.boundary=interval; offset.flush.interval.ms when unset, " +
				"and half of the producer's transaction.timeout.ms at most."},
	}
}

func isRegexp() config.Validator {
	return config.Func("regular expression", javaregex.Valid)
}
