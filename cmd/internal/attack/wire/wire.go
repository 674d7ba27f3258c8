// Package wire writes to Kafka what no ordinary producer would: record batches made by
// hand, and records whatever their size.
package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// Producer writes to Kafka. It may be used by several goroutines.
type Producer struct {
	cl  *kgo.Client // for records
	raw *kgo.Client // for batches, with a version of the request that names topics

	taken, refused atomic.Int64
}

// Counts returns how many records and batches made by hand the brokers have taken, and
// how many they have refused.
func (p *Producer) Counts() (taken, refused int64) { return p.taken.Load(), p.refused.Load() }

// New returns a producer. Close frees it.
func New(kafka []string) (*Producer, error) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(kafka...), kgo.ProducerBatchMaxBytes(64<<20),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchCompression(kgo.ZstdCompression()),
		kgo.MetadataMinAge(100*time.Millisecond))
	if err != nil {
		return nil, err
	}
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(kmsg.Produce.Int16(), lastByName)
	raw, err := kgo.NewClient(kgo.SeedBrokers(kafka...), kgo.MaxVersions(versions))
	if err != nil {
		cl.Close()
		return nil, err
	}
	return &Producer{cl: cl, raw: raw}, nil
}

// lastByName is the last version of the request whose topics have names and not ids.
const lastByName = 12

// Close frees it.
func (p *Producer) Close() {
	p.cl.Close()
	p.raw.Close()
}

// Records writes records to the partitions that they name, compressed. What the broker
// refuses for good is an attack that did not even begin, and no error.
func (p *Producer) Records(ctx context.Context, records ...*kgo.Record) error {
	var errs []error
	for _, r := range p.cl.ProduceSync(ctx, records...) {
		errs = append(errs, p.count(r.Err))
	}
	return errors.Join(errs...)
}

// count counts a record or batch that was taken, or refused for good.
func (p *Producer) count(err error) error {
	switch {
	case err == nil:
		p.taken.Add(1)
	case refused(err):
		p.refused.Add(1)
	default:
		return err
	}
	return nil
}

func refused(err error) bool {
	var broker *kerr.Error
	return errors.As(err, &broker) && !broker.Retriable || errors.Is(err, kerr.MessageTooLarge)
}

// Codec is a compression of a batch.
type Codec int16

// The codecs by their numbers on the wire.
const (
	None Codec = iota
	Gzip
	Snappy
	LZ4
	Zstd
)

// String is Kafka's name of a codec.
func (c Codec) String() string { return []string{"none", "gzip", "snappy", "lz4", "zstd"}[c] }

func (c Codec) compress(records []byte) ([]byte, error) {
	codec := map[Codec]kgo.CompressionCodec{Gzip: kgo.GzipCompression(), Snappy: kgo.SnappyCompression(),
		LZ4: kgo.Lz4Compression(), Zstd: kgo.ZstdCompression()}
	if c == None {
		return records, nil
	}
	compressor, err := kgo.DefaultCompressor(codec[c])
	if err != nil {
		return nil, err
	}
	out, _ := compressor.Compress(new(bytes.Buffer), records)
	return out, nil
}

// Batch is a record batch in the making.
type Batch struct {
	// Codec compresses it. Default: not at all.
	Codec Codec
	// Time is the timestamp of its records in milliseconds.
	Time int64

	records []byte
	count   int32
}

// Header is a header of a record.
type Header struct {
	// Key is its name, and Value what it holds.
	Key   string
	Value []byte
}

// Add adds a record; a nil key or value is null.
func (b *Batch) Add(key, value []byte, headers ...Header) {
	body := []byte{0}                                // attributes
	body = binary.AppendVarint(body, 0)              // milliseconds after Time
	body = binary.AppendVarint(body, int64(b.count)) // offset after the first
	body = appendBytes(appendBytes(body, key), value)
	body = binary.AppendVarint(body, int64(len(headers)))
	for _, h := range headers {
		body = appendBytes(appendBytes(body, append([]byte{}, h.Key...)), h.Value)
	}
	b.records = append(binary.AppendVarint(b.records, int64(len(body))), body...)
	b.count++
}

func appendBytes(dst, b []byte) []byte {
	if b == nil {
		return binary.AppendVarint(dst, -1)
	}
	return append(binary.AppendVarint(dst, int64(len(b))), b...)
}

// bytes is the batch as it goes over the wire.
func (b *Batch) bytes() ([]byte, error) {
	records, err := b.Codec.compress(b.records)
	if err != nil {
		return nil, err
	}
	batch := kmsg.RecordBatch{Magic: 2, PartitionLeaderEpoch: -1, Attributes: int16(b.Codec), LastOffsetDelta: b.count - 1,
		FirstTimestamp: b.Time, MaxTimestamp: b.Time, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1,
		NumRecords: b.count, Records: records}
	raw := batch.AppendTo(nil)
	const afterLength, crcAt, afterCRC = 12, 17, 21
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-afterLength))
	binary.BigEndian.PutUint32(raw[crcAt:], crc32.Checksum(raw[afterCRC:], crc32.MakeTable(crc32.Castagnoli)))
	return raw, nil
}

// Write writes the batch to a partition. What the broker refuses for good is no error.
func (p *Producer) Write(ctx context.Context, topic string, partition int32, b *Batch) error {
	raw, err := b.bytes()
	if err != nil {
		return err
	}
	for {
		err := p.count(p.write(ctx, topic, partition, raw))
		broker, ok := errors.AsType[*kerr.Error](err)
		switch {
		case err == nil:
			return nil
		case !ok || !broker.Retriable:
			return fmt.Errorf("write a batch of %d bytes to %s-%d: %w", len(raw), topic, partition, err)
		}
		select { // the topic is new, for instance
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (p *Producer) write(ctx context.Context, topic string, partition int32, raw []byte) error {
	topics, err := kadm.NewClient(p.raw).ListTopics(ctx, topic)
	if err != nil {
		return err
	}
	at := topics[topic].Partitions[partition]
	if err := errors.Join(topics[topic].Err, at.Err); err != nil {
		return err
	}
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis = -1, 60_000
	t := kmsg.NewProduceRequestTopic()
	t.Topic = topic
	part := kmsg.NewProduceRequestTopicPartition()
	part.Partition, part.Records = partition, raw
	t.Partitions = append(t.Partitions, part)
	req.Topics = append(req.Topics, t)
	res, err := req.RequestWith(ctx, p.raw.Broker(int(at.Leader)))
	if err != nil {
		return err
	}
	for _, t := range res.Topics {
		for _, part := range t.Partitions {
			if err := kerr.ErrorForCode(part.ErrorCode); err != nil {
				return err // of the only one
			}
		}
	}
	return nil
}
