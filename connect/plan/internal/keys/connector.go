package keys

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/javaregex"
)

// The key that says what becomes of a connector when what it refers to changes, and its
// value that restarts the connector.
const (
	ReloadAction  = "config.action.reload"
	ReloadRestart = "restart"
)

// The values of errors.tolerance.
const (
	toleranceNone = "none"
	// ToleranceAll goes on without bad records.
	ToleranceAll = "all"
)

// The groups of keys that user interfaces show.
const (
	groupCommon   = "Common"
	groupErrors   = "Error Handling"
	groupDLQ      = "Dead letter queue"
	groupCreation = "Topic Creation"
	groupOnce     = "Exactly Once Support"
	groupOffsets  = "offsets.topic"
)

// The keys of the runtime that every connector of a type has.
var (
	sourceDef = config.New(slices.Concat(connectorKeys(), sourceKeys())...)
	sinkDef   = config.New(slices.Concat(connectorKeys(), sinkKeys())...)
)

// Source returns the keys that every source connector has.
func Source() *config.Def { return sourceDef }

// Sink returns the keys that every sink connector has.
func Sink() *config.Def { return sinkDef }

const simpleHeaderConverter = "org.apache.kafka.connect.storage.SimpleHeaderConverter"

// converterKeys are a worker's, which must name the converters of keys and
// values, or a connector's.
func converterKeys(required bool) []config.Key {
	header := config.Key{Name: "header.converter", DisplayName: "Header converter class", Width: "SHORT",
		Type: config.Class, Importance: config.Low, Group: groupCommon,
		Doc: "Class that turns record headers into bytes and back; its own keys begin with header.converter."}
	if required {
		header.Default = simpleHeaderConverter
	}
	return []config.Key{
		{Name: "key.converter", DisplayName: "Key converter class", Width: "SHORT",
			Type: config.Class, Required: required, Importance: config.Low, Group: groupCommon,
			Doc: "Class that turns record keys into bytes and back, such as StringConverter, JsonConverter or " +
				"AvroConverter. A connector's own keys for it begin with key.converter.; a connector that names " +
				"no class has the worker's converter with the worker's keys."},
		{Name: "value.converter", DisplayName: "Value converter class", Width: "SHORT",
			Type: config.Class, Required: required, Importance: config.Low, Group: groupCommon,
			Doc: "Class that turns record values into bytes and back, such as StringConverter, JsonConverter or " +
				"AvroConverter. A connector's own keys for it begin with value.converter.; a connector that names " +
				"no class has the worker's converter with the worker's keys."},
		header,
	}
}

func connectorKeys() []config.Key {
	keys := []config.Key{
		{Name: "name", DisplayName: "Connector name", Width: "MEDIUM",
			Type: config.String, Required: true, Valid: nameOfConnector(), Group: groupCommon,
			Doc: "Name of the connector, unique in the worker. It names the consumer group of a sink, " +
				"connect-NAME, and the source offsets of a source, so a connector with another name begins from the start."},
		{Name: "connector.class", DisplayName: "Connector class", Width: "LONG",
			Type: config.String, Required: true, Group: groupCommon,
			Doc: "Class of the connector: its full name or the simple one, with or without the ending Connector. " +
				"The class names of well-known Java connectors find those that take their configuration."},
		{Name: "tasks.max", DisplayName: "Tasks max", Width: "SHORT",
			Type: config.Int, Default: 1, Valid: config.AtLeast(1), Group: groupCommon,
			Doc: "Greatest number of tasks. Tasks of a sink share out the partitions of its topics, so that more " +
				"tasks than partitions are idle; a source decides into how many its work can be split."},
		{Name: "tasks.max.enforce", DisplayName: "Enforce tasks max", Width: "SHORT",
			Type: config.Boolean, Default: true, Importance: config.Low, Group: groupCommon,
			NoEffect: "a connector never gets more tasks than tasks.max",
			Doc:      "Accepted for Kafka Connect's sake, without effect: a connector never gets more tasks than tasks.max."},
		{Name: ReloadAction, DisplayName: "Reload Action", Width: "MEDIUM",
			Type: config.String, Default: ReloadRestart, Importance: config.Low, Group: groupCommon,
			Valid: config.OneOf(true, "none", ReloadRestart),
			Doc: "What happens when a config provider has another value for one of the connector's references, which it is " +
				"asked every config.providers.NAME.param.ttl.ms: restart starts the connector and its tasks again with the " +
				"new values, none leaves them with the old ones until they are restarted."},
	}
	return slices.Concat(keys, converterKeys(false), chainKeys(), errorKeys(), restartKeys(), deadLetterKeys())
}

func chainKeys() []config.Key {
	return []config.Key{
		{Name: "transforms", DisplayName: "Transforms", Width: "LONG",
			Type: config.List, Default: "", Importance: config.Low, Group: "Transforms",
			Doc: "Aliases of the transforms, with commas between, in the order in which they apply. The class of " +
				"each is transforms.ALIAS.type, and its keys begin with transforms.ALIAS. as well. With " +
				"transforms.ALIAS.predicate it applies only where that predicate holds, and with " +
				"transforms.ALIAS.negate=true only where it does not."},
		{Name: "predicates", DisplayName: "Predicates", Width: "LONG",
			Type: config.List, Default: "", Importance: config.Low, Group: "Predicates",
			Doc: "Aliases of the predicates that transforms name, with commas between. The class of each is " +
				"predicates.ALIAS.type, and its keys begin with predicates.ALIAS. as well."},
	}
}

func errorKeys() []config.Key {
	medium := config.Medium
	return []config.Key{
		{Name: "errors.retry.timeout", DisplayName: "Retry Timeout for Errors", Width: "MEDIUM",
			Type: config.Long, Default: 0, Importance: medium, Group: groupErrors,
			Doc: "How long a conversion or transform that failed and may succeed later, such as one that asks a " +
				"schema registry, is tried again, in milliseconds, before the task is restarted; 0 is not at all, " +
				"-1 without end. Such a record never becomes a dead letter."},
		{Name: "errors.retry.delay.max.ms", DisplayName: "Maximum Delay Between Retries for Errors", Width: "MEDIUM",
			Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors,
			Doc:   "Longest pause between two tries of errors.retry.timeout, in milliseconds."},
		{Name: "errors.tolerance", DisplayName: "Error Tolerance", Width: "SHORT",
			Type: config.String, Default: toleranceNone, Importance: medium, Group: groupErrors,
			Valid: config.OneOf(true, toleranceNone, ToleranceAll),
			Doc: "What a bad record does, one that cannot be converted, transformed or written. none stops the " +
				"task, which is then restarted a few times and meets the record again; all goes on without the record, which " +
				"errors.deadletterqueue.topic.name keeps."},
		{Name: ToleranceLimit, DisplayName: "Limit of Tolerated Errors", Width: "MEDIUM",
			Type: config.Long, Default: 0, Valid: config.AtLeast(0), Importance: medium, Group: groupErrors,
			Doc: "Most bad records within errors.tolerance.window.ms that a task goes on without. The next one ends the " +
				"task, which stays FAILED until somebody restarts it and then meets that record again: so a mistake in a " +
				"configuration does not make dead letters of a whole topic. 0 is no limit. It needs errors.tolerance=all. " +
				"Not known to Kafka Connect."},
		{Name: "errors.tolerance.window.ms", DisplayName: "Window of Tolerated Errors", Width: "MEDIUM",
			Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: medium, Group: groupErrors,
			Doc: "How long bad records count for errors.tolerance.limit, in milliseconds: from the first one on, and then " +
				"from the first one after that. Not known to Kafka Connect."},
		{Name: "errors.log.enable", DisplayName: "Log Errors", Width: "SHORT",
			Type: config.Boolean, Default: false, Importance: medium, Group: groupErrors,
			Doc: "Whether each bad record that is tolerated is logged, with the reason. Without it the first of each kind " +
				"is, and once a minute how many more there were."},
		{Name: "errors.log.include.messages", DisplayName: "Log Error Details", Width: "SHORT",
			Type: config.Boolean, Default: false, Importance: medium, Group: groupErrors,
			Doc: "Whether the log of errors.log.enable says which record it was, by topic, partition and offset."},
	}
}

func restartKeys() []config.Key {
	medium := config.Medium
	return []config.Key{
		{Name: "errors.restart.delay.ms", DisplayName: "Delay Before a Restart", Width: "MEDIUM",
			Type: config.Long, Default: 1000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors,
			Doc: "Pause before a task that failed is started again, in milliseconds. It doubles with each further " +
				"failure. Not known to Kafka Connect, where a failed task waits for a person."},
		{Name: "errors.restart.delay.max.ms", DisplayName: "Maximum Delay Before a Restart", Width: "MEDIUM",
			Type: config.Long, Default: 60000, Valid: config.AtLeast(1), Importance: medium,
			Group: groupErrors,
			Doc: "Longest pause before a task that failed is started again, in milliseconds. A task that has run " +
				"for longer than this begins with errors.restart.delay.ms again. Not known to Kafka Connect."},
		{Name: "errors.restart.max", DisplayName: "Maximum Number of Restarts", Width: "SHORT",
			Type: config.Int, Default: -1, Valid: config.AtLeast(-1), Importance: medium,
			Group: groupErrors,
			Doc: "How often a task that fails is started again; -1 is without end, and 0 leaves it FAILED, as " +
				"Kafka Connect does. A task whose configuration can never work, or that another worker has taken, is " +
				"not started again whatever this says. One that Kafka or the connector's system refuses for want of a " +
				"permission waits for errors.restart.delay.max.ms. Not known to Kafka Connect."},
		{Name: "errors.restart.record.max", DisplayName: "Maximum Number of Restarts at a Record", Width: "SHORT",
			Type: config.Int, Default: 5, Valid: config.AtLeast(-1), Importance: medium,
			Group: groupErrors,
			Doc: "How often in a row a task is started again that fails at a bad record with errors.tolerance=none, as " +
				"it meets the same record again: a few times, in case what reads the record was the cause. -1 is " +
				"without end. Not known to Kafka Connect."},
		{Name: "errors.stall.timeout.ms", DisplayName: "Time Without Progress", Width: "MEDIUM",
			Type: config.Long, Default: 300000, Valid: config.AtLeast(0), Importance: medium,
			Group: groupErrors,
			Doc: "How long a sink task may neither take nor commit a record while its lag grows, in milliseconds; then its " +
				"status says so, the worker is not ready and the metric stalled is 1. 0 is without end. Not known to Kafka " +
				"Connect."},
	}
}

func deadLetterKeys() []config.Key {
	medium := config.Medium
	return []config.Key{
		{Name: DeadLetterTopic, DisplayName: "Dead Letter Queue Topic Name", Width: "MEDIUM",
			Type: config.String, Default: "", Importance: medium, Group: groupDLQ,
			Doc: "Topic for the bad records that errors.tolerance=all goes on without; it is created when missing. " +
				"Empty drops them. It is without effect with errors.tolerance=none, and must not be a topic that " +
				"the connector reads."},
		{Name: "errors.deadletterqueue.topic.replication.factor",
			DisplayName: "Dead Letter Queue Topic Replication Factor", Width: "MEDIUM",
			Type: config.Short, Default: 3, Importance: medium,
			Group: groupDLQ, Valid: config.AtLeast(-1),
			Doc: "Number of replicas of the dead-letter topic when it is created; -1 takes the broker's default."},
		{Name: "errors.deadletterqueue.context.headers.enable", DisplayName: "Enable Error Context Headers", Width: "MEDIUM",
			Type: config.Boolean, Default: true, Importance: medium,
			Group: groupDLQ,
			Doc: "Whether dead letters have headers that say where the record came from, at which stage it failed " +
				"and why. Kafka Connect's default is false."},
	}
}

// ToleranceLimit is the key of how many bad records are tolerated within a window.
const ToleranceLimit = "errors.tolerance.limit"

// DeadLetterTopic is the key of the topic for dead letters.
const DeadLetterTopic = "errors.deadletterqueue.topic.name"

func sinkKeys() []config.Key {
	return []config.Key{
		{Name: "topics", DisplayName: "Topics", Width: "LONG",
			Type: config.List, Default: "", Group: groupCommon,
			Doc: "Topics to read, with commas between. A sink needs this key or topics.regex."},
		{Name: "topics.regex", DisplayName: "Topics regex", Width: "LONG",
			Type: config.String, Default: "", Valid: isRegexp(), Group: groupCommon,
			Doc: "Java regular expression that the whole names of the topics to read match, instead of topics; new " +
				"ones are found within metadata.max.age.ms. It must not match the dead-letter topic."},
	}
}

// The values of transaction.boundary.
const (
	boundaryPoll = "poll"
	// BoundaryInterval ends a transaction by the clock.
	BoundaryInterval = "interval"
)

func sourceKeys() []config.Key {
	medium, low := config.Medium, config.Low
	return []config.Key{
		{Name: "topic.creation.groups", DisplayName: "Topic Creation Groups", Width: "LONG",
			Type: config.List, Default: "", Importance: low, Group: groupCreation,
			Doc: "Names of groups of topics that are created with settings of their own, with commas between; " +
				"group default is always there. A group has topic.creation.GROUP.include and exclude, lists of " +
				"regular expressions for whole names, and replication.factor, partitions and settings of topics " +
				"such as cleanup.policy. A topic belongs to the first group that fits."},
		{Name: "topic.creation.default.replication.factor", DisplayName: "Replication Factor", Width: "SHORT",
			Type: config.Short, Importance: medium, Group: groupCreation,
			Valid: config.AtLeast(-1),
			Doc: "Number of replicas of topics that are created and fit no other group; -1 takes the broker's " +
				"default. Without it the connector creates no topics, and the broker may."},
		{Name: "topic.creation.default.partitions", DisplayName: "Partitions", Width: "SHORT",
			Type: config.Int, Importance: medium, Group: groupCreation,
			Valid: config.AtLeast(-1),
			Doc: "Number of partitions of topics that are created and fit no other group; -1 takes the broker's " +
				"default. Set together with topic.creation.default.replication.factor."},
		{Name: "exactly.once.support", DisplayName: "Exactly once support", Width: "SHORT",
			Type: config.String, Default: "requested", Importance: medium, Group: groupOnce,
			Valid: config.OneOf(true, "requested", "required"),
			Doc: "required refuses to run the connector on a worker without exactly.once.source.support=enabled; " +
				"requested runs it in either case."},
		{Name: "transaction.boundary", DisplayName: "Transaction Boundary", Width: "SHORT",
			Type: config.String, Default: boundaryPoll, Importance: medium, Group: groupOnce,
			Valid: config.OneOf(true, boundaryPoll, BoundaryInterval),
			Doc: "What one transaction of an exactly-once source holds: the records of one poll, or what comes in " +
				"transaction.boundary.interval.ms."},
		{Name: "transaction.boundary.interval.ms", DisplayName: "Transaction boundary interval", Width: "SHORT",
			Type: config.Long, Importance: low, Group: groupOnce,
			Valid: config.AtLeast(1),
			Doc: "Length of a transaction in milliseconds with transaction.boundary=interval; the worker's " +
				"offset.flush.interval.ms when not set. More than half of the producer's transaction.timeout.ms " +
				"is never used."},
		{Name: OffsetsTopic, DisplayName: "Offsets topic", Width: "LONG",
			Type: config.String, Importance: low, Group: groupOffsets, Valid: config.NonEmpty(),
			Doc: "Compacted topic for the source offsets of this connector alone, in the Kafka cluster that it writes to; it " +
				"is created when missing, with the worker's offset.storage. settings. What is not in it is read from the worker's " +
				"offset topic, which gets copies. Only distributed workers read it."},
	}
}

// OffsetsTopic is the key of a connector's own offset topic.
const OffsetsTopic = "offsets.storage.topic"

func isRegexp() config.Validator {
	return config.Func("regular expression", javaregex.Valid)
}

// Condition are the keys of the runtime that say when a transform applies.
func Condition(group string) []config.Key {
	return []config.Key{
		{Name: "predicate", Type: config.String, Importance: config.Medium, Group: group,
			Doc: "Alias of the predicate that says which records the transform applies to; all when empty."},
		{Name: "negate", Type: config.Boolean, Default: false, Importance: config.Medium, Group: group,
			Doc: "Whether the transform applies to the records for which the predicate does not hold."},
	}
}

// Step are the keys of the runtime that each transform or predicate has.
func Step(list, group string) []config.Key {
	keys := []config.Key{{Name: "type", Type: config.Class, Required: true, Group: group, Width: "LONG",
		Doc: "Class of the " + strings.TrimSuffix(list, "s") + "."}}
	if list == "predicates" {
		return keys
	}
	return append(keys, Condition(group)...)
}
