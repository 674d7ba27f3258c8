package kafka

import (
	"errors"
	"math"
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/lz4"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kgo"
)

// producerKeys are the keys that a producer has. Producers are always idempotent
// with acks=all.
func producerKeys() []config.Key {
	return slices.Concat(writeKeys(), []config.Key{
		{Name: "retries", Type: config.Int, Default: math.MaxInt32, Valid: config.AtLeast(0), Importance: config.Low,
			Doc: "Not used: delivery.timeout.ms bounds the retries."},
		{Name: "batch.size", Type: config.Int, Default: 16384, Valid: config.AtLeast(0), Importance: config.Low,
			Doc: "Not used: linger.ms and max.request.size bound a batch."},
		{Name: "max.block.ms", Type: config.Long, Default: int64(math.MaxInt64), Valid: config.AtLeast(0),
			Importance: config.Low,
			Doc:        "Not used: producing waits as long as the task runs, as in Kafka Connect."},
		{Name: "max.in.flight.requests.per.connection", Type: config.Int, Default: 5, Valid: config.Between(1, 5),
			Importance: config.Low, Doc: "Not used: the client sends up to five requests at a time to a broker, and keeps " +
				"the order of records."},
	})
}

func writeKeys() []config.Key {
	medium, low := config.Medium, config.Low
	return []config.Key{
		{Name: "acks", Type: config.String, Default: "all", Valid: config.OneOf(false, "all", "-1"), Importance: low,
			Doc: "Only all: a record counts once every in-sync replica has it."},
		{Name: "enable.idempotence", Type: config.Boolean, Default: true, Valid: onlyTrue(), Importance: low,
			Doc: "Only true: a retry never writes a record twice."},
		{Name: "compression.type", Type: config.String, Default: "lz4", Importance: medium,
			Valid: config.OneOf(false, codecNames...),
			Doc: "How batches are compressed. Kafka's default is none; lz4 shrinks text to a fraction of its size for " +
				"less CPU than sending the rest costs."},
		{Name: "linger.ms", Type: config.Long, Default: 20, Valid: config.AtLeast(0), Importance: medium,
			Doc: "How long a record waits for others to share a batch. It is longer than Kafka's 5, as full batches " +
				"cost brokers and clients less; a commit does not wait for it. More than 60000 counts as that."},
		{Name: "max.request.size", Type: config.Int, Default: 1 << 20, Valid: config.AtLeast(1024), Importance: medium,
			Doc: "Size of the largest batch before compression, and so of the largest record; topics have their own " +
				"max.message.bytes. At most 1 GiB is used."},
		{Name: "buffer.memory", Type: config.Long, Valid: config.AtLeast(1024), Importance: config.High,
			Doc: "The most bytes of records that wait for acknowledgement; producing blocks beyond that. By default it is a " +
				"sixteenth of memory.max.bytes, at least 1 MiB and at most Kafka's 32 MiB."},
		{Name: "delivery.timeout.ms", Type: config.Int, Default: math.MaxInt32, Valid: config.AtLeast(0), Importance: medium,
			Doc: "How long to try to deliver a record. The default is the longest time, as in Kafka Connect. Less than " +
				"1000 counts as 1000."},
		{Name: "transaction.timeout.ms", Type: config.Int, Default: 60000, Valid: config.AtLeast(1), Importance: low,
			Doc: "When the broker aborts a transaction that has not ended."},
	}
}

// producerOptions are the options of a producer, except transaction.timeout.ms,
// which only goes with a transactional id.
func producerOptions(v config.Values, b *memory.Budget) []kgo.Opt {
	return slices.Concat(commonOptions(v, b), writeOptions(v, b))
}

// writeOptions are those that only a client that writes has.
func writeOptions(v config.Values, b *memory.Budget) []kgo.Opt {
	size, buffer := bytesOf(v, "max.request.size"), b.Size(v, "buffer.memory", memory.Produce)
	opts := []kgo.Opt{
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(codecs[v.String("compression.type")]),
		kgo.ProducerLinger(between(v, "linger.ms", 0, maxLinger)),
		kgo.ProducerBatchMaxBytes(size),
		kgo.BrokerMaxWriteBytes(twice(size)),
		kgo.MaxBufferedBytes(int(buffer)),
		kgo.MaxBufferedRecords(bufferedRecords(buffer)),
	}
	if v.String("compression.type") == "lz4" {
		opts = append(opts, kgo.WithCompressor(lz4.New()))
	}
	if v.Long("delivery.timeout.ms") < math.MaxInt32 {
		opts = append(opts, kgo.RecordDeliveryTimeout(max(v.Millis("delivery.timeout.ms"), minDelivery)))
	}
	return opts
}

// bufferedRecords bounds the number of records too, because a small record
// costs about half a kilobyte while it waits, whatever it holds.
func bufferedRecords(memory int64) int {
	return int(min(max(memory/512, 1000), math.MaxInt32))
}

// codecNames are the values of compression.type in Kafka's order.
var codecNames = []string{"none", "gzip", "snappy", "lz4", "zstd"}

// codecs has the codec of each of codecNames. It never changes.
var codecs = map[string]kgo.CompressionCodec{
	"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
	"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
}

func onlyTrue() config.Validator {
	return config.Func("[true]", func(v any) error {
		if v == true {
			return nil
		}
		return errNotIdempotent
	})
}

var errNotIdempotent = errors.New("only true is supported: retries must not write a record twice")
