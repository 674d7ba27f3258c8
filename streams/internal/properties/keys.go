package properties

import (
	"time"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/memory"
	"github.com/suiro/suiro/streams/internal/failures"
	"github.com/suiro/suiro/streams/internal/inmemory"
	"github.com/suiro/suiro/streams/topology"
)

// The values of processing.guarantee.
const (
	ExactlyOnceV2 = "exactly_once_v2"
	AtLeastOnce   = "at_least_once"
)

// The values of default.dsl.store.
const (
	onDisk   = "rocksDB"
	inMemory = "in_memory"
)

// cacheKey bounds what an epoch holds of stores.
const cacheKey = "statestore.cache.max.bytes"

// def is built once and never changes.
var def = kafka.Stream.Def().With(appKeys()...).With(storeKeys()...).
	With(failures.Keys()...).With(idleKey(), keepKey(), memory.Key())

// Def declares the keys of a stream app. It is the same at each call.
func Def() *config.Def { return def }

// IsKey reports whether a name is one of these keys.
func IsKey(name string) bool {
	_, ok := def.Key(name)
	return ok
}

func idleKey() config.Key {
	return config.Key{Name: "max.task.idle.ms", Type: config.Long, Default: int64(0), Valid: config.AtLeast(-1),
		Importance: config.Medium,
		Doc: "How long a task that reads several topics waits for records of a partition that is known to have none, in " +
			"milliseconds, before it processes those of others out of order. With 0 it waits only for records that are " +
			"known to be there, and with -1 not even for those."}
}

func keepKey() config.Key {
	return config.Key{Name: "state.cleanup.delay.ms", Type: config.Long,
		Default: int64(10 * time.Minute / time.Millisecond), Valid: config.AtLeast(0), Importance: config.Low,
		Doc: "How long the state of a task that has gone to another instance is kept, in milliseconds, also after a start. " +
			"When the task comes back before that, it goes on from there."}
}

func appKeys() []config.Key {
	return []config.Key{
		{Name: "application.id", Type: config.String, Required: true, Valid: validName(false),
			Doc: "Name of the app: consumer group, prefix of internal topics, folder of state. It has letters, digits, full " +
				"stops, dashes and underscores, as a topic."},
		{Name: "processing.guarantee", Type: config.String, Default: ExactlyOnceV2,
			Valid: config.OneOf(false, ExactlyOnceV2, AtLeastOnce),
			Doc:   "Whether records take effect exactly once or, after a failure, possibly more than once."},
		{Name: "state.dir", Type: config.String, Default: "state",
			Doc: "Folder of local state; each instance on a machine needs a folder of its own."},
		{Name: "num.stream.threads", Type: config.Int, Default: 1, Valid: config.Between(1, 256), Importance: config.Medium,
			Doc: "How many group members and producers this process has; the tasks of one thread run in parallel in any case."},
		{Name: "replication.factor", Type: config.Int, Default: -1, Valid: config.AtLeast(-1), Importance: config.Medium,
			Doc: "Replicas of internal topics, and of those that create.topics makes; -1 takes the broker's default."},
		{Name: "create.topics", Type: config.Boolean, Default: false, Importance: config.Medium,
			Doc: "Whether to make input and output topics that do not exist. Without it a missing topic is an error. " +
				"Internal topics and the one for dead letters are made in any case."},
		{Name: "create.topics.partitions", Type: config.Int, Default: -1, Valid: config.AtLeast(-1),
			Importance: config.Low,
			Doc: "Partitions of the topics that create.topics makes; -1 takes the broker's default for input topics, and " +
				"for output topics as many as the part of the topology that writes them reads."},
		{Name: "commit.interval.ms", Type: config.Long, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How often results are committed, in milliseconds: the default is 100 with exactly_once_v2 and 30000 " +
				"with at_least_once."},
		{Name: "commit.max.bytes", Type: config.Long, Valid: config.AtLeast(1 << 20), Importance: config.Low,
			Doc: "How many bytes of output all threads of this process may write before they commit early, each an equal " +
				"part, in the middle of a poll if need be. A record that makes more than all of that by itself is rejected, " +
				"with all of its output. By default an eighth of memory.max.bytes, at most 64 MiB."},
		{Name: "commit.max.records", Type: config.Long, Default: 500_000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How many records of output a thread may write before it commits early."},
		{Name: "message.timestamp.after.max.ms", Type: config.Long, Default: int64(24 * time.Hour / time.Millisecond),
			Valid: config.AtLeast(0), Importance: config.Medium,
			Doc: "How far the timestamp of a record may be ahead of the clock, in milliseconds; 0 for any. A record further " +
				"ahead is rejected: stream time would follow it, and every window of every key would be over."},
		{Name: failures.DeadLetterKey, Type: config.String, Default: "", Valid: validName(true), Importance: config.Medium,
			Doc: "Topic for records that cannot be processed, created if missing; without it such a record stops the app, " +
				"unless an exception handler continues."},
		{Name: "input.buffer.max.bytes", Type: config.Long, Valid: config.AtLeast(1 << 10), Importance: config.Medium,
			Doc: "How many bytes of records may wait for the tasks of all threads of this process, an equal part in each, " +
				"before a thread stops polling; by default a sixteenth of memory.max.bytes, at most 32 MiB."},
		{Name: "task.timeout.ms", Type: config.Long, Default: int64(5 * time.Minute / time.Millisecond),
			Valid: config.AtLeast(0), Importance: config.Medium,
			Doc: "How long records wait for a topic that they are written to and that does not exist, in milliseconds, before " +
				"the app ends, and how long the app waits for an input topic that is deleted while it runs. Brokers that are " +
				"away are waited for without end. An app that starts waits as long, and at least 30 seconds, for the leaders of " +
				"its internal topics."},
	}
}

// storeKeys are the keys of stores.
func storeKeys() []config.Key {
	return []config.Key{
		{Name: cacheKey, Type: config.Long, Valid: config.AtLeast(0), Importance: config.Medium,
			Doc: "How many bytes of uncommitted writes all threads of this process may hold before they commit early, each an " +
				"equal part; by default an eighth of memory.max.bytes, at most 64 MiB. With 0 tables store and forward each update at once instead of the last " +
				"one of a commit, and the default bounds the writes."},
		{Name: "statestore.block.cache.bytes", Type: config.Long, Valid: config.AtLeast(1 << 20), Importance: config.Low,
			Doc: "Size in bytes of the block cache of this process; by default an eighth of memory.max.bytes, at most 64 MiB."},
		{Name: "windowstore.changelog.additional.retention.ms", Type: config.Long,
			Default: int64(24 * time.Hour / time.Millisecond), Valid: config.AtLeast(0), Importance: config.Low,
			Doc: "How much longer than a store of windows or sessions its changelog keeps them, in milliseconds, by the time " +
				"of the store. What is older is deleted from the changelog."},
		{Name: "default.dsl.store", Type: config.String, Default: onDisk, Importance: config.Low,
			Valid: config.OneOf(false, onDisk, inMemory),
			Doc: "Where the stores of tables, aggregates and joins of streams are, unless the topology says it of a store: " +
				"rocksDB is on the disk of this process, in its own format, and in_memory in its memory, from where they are " +
				"restored from their changelogs whenever a task starts. Versioned stores and those of processors are on the " +
				"disk."},
		{Name: inmemory.Key, Type: config.Long, Valid: config.AtLeast(1 << 20), Importance: config.Low,
			Doc: "How many bytes the stores in memory are expected to take. They can take more; the app warns then. By " +
				"default a quarter of memory.max.bytes."},
	}
}

// validName accepts what may be the name of a topic, and no name if it is optional.
func validName(optional bool) config.Validator {
	return config.Func("a topic name", func(v any) error {
		if name, _ := v.(string); name != "" || !optional {
			return topology.CheckName(name)
		}
		return nil
	})
}
