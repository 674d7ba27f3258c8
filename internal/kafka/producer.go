package kafka

import (
	"errors"
	"math"

	"github.com/suiro/suiro/connect/config"
	"github.com/twmb/franz-go/pkg/kgo"
)

// ProducerKeys returns the keys that a producer has beside [Keys]. Producers
// here are always idempotent with acks=all.
func ProducerKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "acks", Type: config.String, Default: "all", Valid: config.OneOf(false, "all", "-1"), Importance: low,
			Doc: "Only all: a record counts once every in-sync replica has it."},
		{Name: "enable.idempotence", Type: config.Boolean, Default: true, Valid: onlyTrue(), Importance: low,
			Doc: "Only true: a retry never writes a record twice."},
		{Name: "compression.type", Type: config.String, Default: "none", Importance: config.Medium,
			Valid: config.OneOf(false, "none", "gzip", "snappy", "lz4", "zstd"),
			Doc:   "How batches are compressed."},
		{Name: "linger.ms", Type: config.Long, Default: 5, Valid: config.AtLeast(0), Importance: config.Medium,
			Doc: "How long a record waits for others to share a batch."},
		{Name: "max.request.size", Type: config.Int, Default: 1 << 20, Valid: config.Between(1024, math.MaxInt32/2),
			Importance: config.Medium,
			Doc:        "Size of the largest batch, and so of the largest record; topics have their own max.message.bytes."},
		{Name: "buffer.memory", Type: config.Long, Default: 32 << 20, Valid: config.AtLeast(1024), Importance: config.High,
			Doc: "Bytes of records that wait for acknowledgement at most; producing blocks beyond."},
		{Name: "delivery.timeout.ms", Type: config.Int, Default: math.MaxInt32, Valid: config.AtLeast(0),
			Importance: config.Medium, Doc: "How long to try to deliver a record."},
		{Name: "max.in.flight.requests.per.connection", Type: config.Int, Default: 1, Valid: config.Between(1, 5),
			Importance: low, Doc: "Requests on their way to a broker at a time."},
		{Name: "transaction.timeout.ms", Type: config.Int, Default: 60000, Valid: config.AtLeast(1), Importance: low,
			Doc: "When the broker aborts a transaction that has not ended."},
		{Name: "retries", Type: config.Int, Default: math.MaxInt32, Valid: config.AtLeast(0), Importance: low,
			Doc: "Not used: delivery.timeout.ms bounds the retries."},
		{Name: "batch.size", Type: config.Int, Default: 16384, Valid: config.AtLeast(0), Importance: low,
			Doc: "Not used: linger.ms and max.request.size bound a batch."},
		{Name: "max.block.ms", Type: config.Long, Default: int64(math.MaxInt64), Valid: config.AtLeast(0), Importance: low,
			Doc: "Not used: producing waits as long as the task runs."},
	}
}

// ProducerOptions returns the options that the values of [ProducerKeys] stand
// for.
func ProducerOptions(v config.Values) []kgo.Opt {
	opts := []kgo.Opt{
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(compression(v.String("compression.type"))),
		kgo.ProducerLinger(v.Millis("linger.ms")),
		kgo.ProducerBatchMaxBytes(int32(v.Int("max.request.size"))),
		kgo.BrokerMaxWriteBytes(int32(max(v.Int("max.request.size")*2, 100<<20))),
		kgo.MaxBufferedBytes(int(v.Long("buffer.memory"))),
		kgo.MaxBufferedRecords(bufferedRecords(v.Long("buffer.memory"))),
		kgo.MaxProduceRequestsInflightPerBroker(v.Int("max.in.flight.requests.per.connection")),
	}
	if limit := v.Long("delivery.timeout.ms"); limit < math.MaxInt32 {
		opts = append(opts, kgo.RecordDeliveryTimeout(v.Millis("delivery.timeout.ms")))
	}
	return opts
}

// bufferedRecords bounds the number of records too, because a small record
// costs about a kilobyte while it waits, whatever it holds.
func bufferedRecords(memory int64) int {
	return int(min(max(memory/1024, 1000), math.MaxInt32))
}

func compression(name string) kgo.CompressionCodec {
	switch name {
	case "gzip":
		return kgo.GzipCompression()
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	case "zstd":
		return kgo.ZstdCompression()
	}
	return kgo.NoCompression()
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
