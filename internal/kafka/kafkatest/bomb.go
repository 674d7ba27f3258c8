package kafkatest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"runtime"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Bomb is a batch that is small in a topic and large in memory. A broker takes it.
type Bomb struct {
	// Codec compresses the batch.
	Codec kgo.CompressionCodecType
	// Records is how many records it has.
	Records int
	// Value is the size of each record's value, which is zeros; 0: the value is null.
	Value int
	// Headers is how many headers each record has. Key and value of each are empty.
	Headers int
	// Batches is how many such batches [Bomb.Produce] writes; 0 is 1.
	Batches int
}

// Produce writes the batch to a partition. A partition that has just been made may not
// have its leader yet, and is waited for.
func (b Bomb) Produce(t testing.TB, brokers []string, topic string, partition int32) {
	t.Helper()
	cl := Client(t, brokers)
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	batch := b.Batch(t)
	for range max(b.Batches, 1) {
		err := produce(ctx, cl, batch, topic, partition)
		for kerr.IsRetriable(err) && ctx.Err() == nil {
			runtime.Gosched()
			err = produce(ctx, cl, batch, topic, partition)
		}
		if err != nil {
			t.Fatalf("produce %+v, a batch of %d bytes, to %s-%d: %v", b, len(batch), topic, partition, err)
		}
	}
}

// produce sends a batch to the leader of a partition.
func produce(ctx context.Context, cl *kgo.Client, batch []byte, topic string, partition int32) error {
	meta := kmsg.NewPtrMetadataRequest()
	meta.Topics = []kmsg.MetadataRequestTopic{{Topic: &topic}}
	cluster, err := meta.RequestWith(ctx, cl)
	if err != nil {
		return err
	}
	for _, p := range cluster.Topics[0].Partitions {
		if p.Partition != partition {
			continue
		}
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			return err
		}
		req := kmsg.NewPtrProduceRequest()
		req.Acks, req.TimeoutMillis = -1, int32(Patience.Milliseconds())
		part := kmsg.ProduceRequestTopicPartition{Partition: partition, Records: batch}
		req.Topics = []kmsg.ProduceRequestTopic{{Topic: topic, TopicID: cluster.Topics[0].TopicID,
			Partitions: []kmsg.ProduceRequestTopicPartition{part}}}
		resp, err := cl.Broker(int(p.Leader)).RetriableRequest(ctx, req)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(resp.(*kmsg.ProduceResponse).Topics[0].Partitions[0].ErrorCode)
	}
	return kerr.UnknownTopicOrPartition
}

// Batch returns the batch as it is sent to a broker.
func (b Bomb) Batch(t testing.TB) []byte {
	t.Helper()
	batch := kmsg.RecordBatch{PartitionLeaderEpoch: -1, Magic: 2, Attributes: int16(b.Codec),
		LastOffsetDelta: int32(b.Records - 1), ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1,
		NumRecords: int32(b.Records), Records: b.Compressed(t)}
	out := batch.AppendTo(nil)
	const before, checksum, covered = 12, 17, 21 // the length counts from 12, the checksum from 21
	binary.BigEndian.PutUint32(out[8:], uint32(len(out)-before))
	sum := crc32.Checksum(out[covered:], crc32.MakeTable(crc32.Castagnoli))
	binary.BigEndian.PutUint32(out[checksum:], sum)
	return out
}

// Compressed returns the records of the batch.
func (b Bomb) Compressed(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := compressor(&out, b.Codec)
	for i := 0; i < b.Records && err == nil; i++ {
		err = b.write(w, i)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatalf("compress a bomb of %+v: %v", b, err)
	}
	return out.Bytes()
}

// zeros are written again and again.
var zeros [64 << 10]byte

// write writes a record, see the protocol guide of Kafka.
func (b Bomb) write(w io.Writer, i int) error {
	head := []byte{0, 0} // attributes, timestamp
	head = binary.AppendVarint(head, int64(i))
	head = binary.AppendVarint(head, -1) // no key
	value := int64(b.Value)
	if value == 0 {
		value = -1
	}
	head = binary.AppendVarint(head, value)
	headers := binary.AppendVarint(nil, int64(b.Headers))
	size := len(head) + b.Value + len(headers) + 2*b.Headers
	if _, err := w.Write(append(binary.AppendVarint(nil, int64(size)), head...)); err != nil {
		return err
	}
	if err := writeZeros(w, b.Value); err != nil {
		return err
	}
	if _, err := w.Write(headers); err != nil {
		return err
	}
	return writeZeros(w, 2*b.Headers)
}

func writeZeros(w io.Writer, n int) error {
	for n > 0 {
		m := min(n, len(zeros))
		if _, err := w.Write(zeros[:m]); err != nil {
			return err
		}
		n -= m
	}
	return nil
}

// compressor returns a writer as a producer has.
func compressor(out *bytes.Buffer, codec kgo.CompressionCodecType) (io.WriteCloser, error) {
	switch codec {
	case kgo.CodecGzip:
		return gzip.NewWriterLevel(out, gzip.BestSpeed)
	case kgo.CodecLz4:
		return lz4.NewWriter(out), nil
	case kgo.CodecZstd:
		return zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	case kgo.CodecSnappy:
		out.WriteString("\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01")
		return &snappyWriter{out: out}, nil
	}
	return plain{out}, nil
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// snappyWriter writes blocks as Java's producers do.
type snappyWriter struct {
	out   *bytes.Buffer
	block []byte
}

func (w *snappyWriter) Write(p []byte) (int, error) {
	w.block = append(w.block, p...)
	if len(w.block) >= len(zeros) {
		return len(p), w.Close()
	}
	return len(p), nil
}

// Close writes what is left.
func (w *snappyWriter) Close() error {
	if len(w.block) == 0 {
		return nil
	}
	block := s2.EncodeSnappy(nil, w.block)
	_ = binary.Write(w.out, binary.BigEndian, uint32(len(block)))
	w.out.Write(block)
	w.block = w.block[:0]
	return nil
}
