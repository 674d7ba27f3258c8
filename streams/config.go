package streams

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka"
)

// The values of processing.guarantee.
const (
	ExactlyOnceV2 = "exactly_once_v2"
	AtLeastOnce   = "at_least_once"
)

// Config declares the keys of a stream app, by Kafka Streams' names. Producer
// and consumer keys need no prefix: an app has one client for each thread.
func Config() *config.Def {
	return config.New(kafka.Keys()...).With(appKeys()...).With(consumerKeys()...).With(producerKeys()...)
}

func appKeys() []config.Key {
	return []config.Key{
		{Name: "application.id", Type: config.String, Required: true, Valid: config.NonEmpty(),
			Doc: "Name of the app: consumer group, prefix of internal topics, folder of state."},
		{Name: "processing.guarantee", Type: config.String, Default: ExactlyOnceV2,
			Valid: config.OneOf(false, ExactlyOnceV2, AtLeastOnce),
			Doc:   "Whether records take effect exactly once or, after failures, perhaps more than once."},
		{Name: "state.dir", Type: config.String, Default: "state",
			Doc: "Folder of local state; each instance on a machine needs its own."},
		{Name: "num.stream.threads", Type: config.Int, Default: 1, Valid: config.Between(1, 256), Importance: config.Medium,
			Doc: "Group members and producers in this process; tasks of one thread run side by side all the same."},
		{Name: "replication.factor", Type: config.Int, Default: -1, Valid: config.AtLeast(-1), Importance: config.Medium,
			Doc: "Replicas of internal topics; -1 takes the broker's default."},
		{Name: "commit.interval.ms", Type: config.Long, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How long an epoch lasts; 100 with exactly_once_v2 and 30000 with at_least_once unless set."},
		{Name: "transaction.timeout.ms", Type: config.Int, Default: 10000, Valid: config.AtLeast(1000), Importance: config.Low,
			Doc: "When the broker aborts the transaction of a thread that fell silent."},
		{Name: "errors.dead.letter.queue.topic.name", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "Topic for records that cannot be processed, made if missing; without it such a record stops the app."},
		{Name: "statestore.cache.max.bytes", Type: config.Long, Default: 64 << 20, Valid: config.AtLeast(1), Importance: config.Medium,
			Doc: "How much the uncommitted writes of a thread may hold before an epoch ends early."},
		{Name: "statestore.block.cache.bytes", Type: config.Long, Default: 64 << 20, Valid: config.AtLeast(1 << 20), Importance: config.Low,
			Doc: "Block cache of all the stores of this process together."},
		{Name: "input.buffer.max.bytes", Type: config.Long, Default: 32 << 20, Valid: config.AtLeast(1 << 10), Importance: config.Medium,
			Doc: "How many bytes of records may wait for the tasks of a thread before it stops polling."},
	}
}

func consumerKeys() []config.Key {
	return []config.Key{
		{Name: "auto.offset.reset", Type: config.String, Default: "earliest", Valid: config.OneOf(false, "earliest", "latest", "none"),
			Importance: config.Medium, Doc: "Where to begin in a topic without committed offset; with none the app ends instead."},
		{Name: "session.timeout.ms", Type: config.Int, Default: 45000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "When a silent instance loses its partitions."},
		{Name: "heartbeat.interval.ms", Type: config.Int, Default: 3000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How often an instance tells the group that it lives."},
		{Name: "max.poll.interval.ms", Type: config.Int, Default: 300000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How long a rebalance waits for an instance to finish its epoch."},
		{Name: "max.poll.records", Type: config.Int, Default: 4000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "Records of one poll."},
		{Name: "fetch.max.bytes", Type: config.Int, Default: 16 << 20, Valid: config.AtLeast(1 << 10), Importance: config.Low,
			Doc: "Bytes of one answer of a broker."},
		{Name: "fetch.max.wait.ms", Type: config.Int, Default: 500, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How long a broker waits for records before it answers with none."},
		{Name: "max.partition.fetch.bytes", Type: config.Int, Default: 2 << 20, Valid: config.AtLeast(1 << 10), Importance: config.Low,
			Doc: "Bytes of one partition in one answer."},
	}
}

func producerKeys() []config.Key {
	return []config.Key{
		{Name: "compression.type", Type: config.String, Default: "lz4", Valid: config.OneOf(false, "none", "gzip", "snappy", "lz4", "zstd"),
			Importance: config.Medium, Doc: "Compression of what the app writes."},
		{Name: "linger.ms", Type: config.Long, Default: 20, Valid: config.AtLeast(0), Importance: config.Low,
			Doc: "How long a batch waits for more records."},
		{Name: "batch.size", Type: config.Int, Default: 1_000_000, Valid: config.AtLeast(1 << 10), Importance: config.Low,
			Doc: "Largest batch in bytes; a topic's max.message.bytes must allow it, and a record of max.request.size."},
		{Name: "max.request.size", Type: config.Int, Default: 1<<20 - recordOverhead, Valid: config.AtLeast(1 << 10), Importance: config.Low,
			Doc: "Largest key, value and headers of a record in bytes; a larger record is rejected."},
		{Name: "buffer.memory", Type: config.Long, Default: 64 << 20, Valid: config.AtLeast(1 << 20), Importance: config.Medium,
			Doc: "How many bytes of unacknowledged records a thread holds before its tasks wait."},
	}
}

// Validate checks the rules between keys.
func validate(v config.Values) config.Errors {
	var errs config.Errors
	if hb, st := v.Int("heartbeat.interval.ms"), v.Int("session.timeout.ms"); hb >= st {
		errs = append(errs, config.Errorf("heartbeat.interval.ms", fmt.Sprint(hb), "must be smaller than session.timeout.ms (%d)", st))
	}
	if v.String("processing.guarantee") == ExactlyOnceV2 {
		if ci, tt := commitInterval(v), v.Millis("transaction.timeout.ms"); ci >= tt {
			errs = append(errs, config.Errorf("commit.interval.ms", fmt.Sprint(ci.Milliseconds()),
				"must be smaller than transaction.timeout.ms (%d)", tt.Milliseconds()))
		}
	}
	return errs
}

func commitInterval(v config.Values) time.Duration {
	switch {
	case v.IsSet("commit.interval.ms"):
		return v.Millis("commit.interval.ms")
	case v.String("processing.guarantee") == ExactlyOnceV2:
		return 100 * time.Millisecond
	}
	return 30 * time.Second
}

// memberOptions are the fetching and producing options of a thread's client.
func memberOptions(v config.Values) []kgo.Opt {
	start, reset := kgo.NewOffset().AtStart(), kgo.NewOffset().AtStart()
	switch v.String("auto.offset.reset") {
	case "latest":
		start, reset = kgo.NewOffset().AtEnd(), kgo.NewOffset().AtEnd()
	case "none":
		start, reset = kgo.NewOffset().AtCommitted(), kgo.NoResetOffset()
	}
	batch := max(v.Int("batch.size"), v.Int("max.request.size")+recordOverhead)
	return []kgo.Opt{
		kgo.ConsumeStartOffset(start),
		kgo.ConsumeResetOffset(reset),
		kgo.FetchMaxWait(v.Millis("fetch.max.wait.ms")),
		kgo.FetchMaxBytes(int32(v.Int("fetch.max.bytes"))),
		kgo.FetchMaxPartitionBytes(int32(v.Int("max.partition.fetch.bytes"))),
		kgo.ProducerBatchCompression(codec(v.String("compression.type"))),
		kgo.ProducerLinger(v.Millis("linger.ms")),
		kgo.ProducerBatchMaxBytes(int32(batch)),
		kgo.MaxBufferedBytes(int(v.Long("buffer.memory"))),
		kgo.MaxBufferedRecords(1 << 20),
		kgo.RequiredAcks(kgo.AllISRAcks()),
	}
}

// recordOverhead is more than a record batch adds to a record's key, value and
// headers when they are few.
const recordOverhead = 1 << 9

func codec(name string) kgo.CompressionCodec {
	return map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}[name]
}
