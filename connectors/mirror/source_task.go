package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/mirror/internal/clusters"
	"github.com/suiro/suiro/connectors/mirror/internal/positions"
	"github.com/suiro/suiro/connectors/mirror/internal/rawfetch"
	"github.com/suiro/suiro/connectors/mirror/internal/syncs"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/twmb/franz-go/pkg/kgo"
)

// The keys of source partitions and source offsets.
const (
	clusterKey   = "cluster"
	topicKey     = "topic"
	partitionKey = "partition"
	offsetKey    = "offset"
)

// maxPoll is how many records a poll returns at most.
const maxPoll = 4000

var (
	_ connect.SourceTask    = (*SourceTask)(nil)
	_ connect.WriteObserver = (*SourceTask)(nil)
)

// SourceTask mirrors the records of some partitions.
type SourceTask struct {
	settings   sourceSettings
	logger     *slog.Logger
	whole      bool // batches are handed over, and not records
	consumer   *kgo.Client
	fetcher    *rawfetch.Fetcher // of batches, nil when there are records
	producer   *kgo.Client       // of offset syncs, nil when there are none
	syncs      *syncs.Writer     // nil when there are none
	counts     *counts
	partitions map[connect.TopicPartition]*partition
	block      []record // for the next records
}

// partition is a partition upstream.
type partition struct {
	remote  string         // the topic of its mirror
	key     map[string]any // the source partition
	offsets *syncs.Partition
	series  *series
	gone    bool // was not found when it was last read, which was logged
}

// Start finds the positions to continue from.
func (t *SourceTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) error {
	t.settings, t.counts, t.logger = newSourceSettings(v), newCounts(tc.Metrics()), tc.Logger()
	next, err := t.read(ctx, tc)
	if err != nil {
		return err
	}
	s := &t.settings
	var opts []kgo.Opt
	if t.whole {
		opts = append(opts, rawfetch.Versions())
	}
	t.consumer, err = newClient(clusters.Source, kafka.Consumer, v, s.label("replication-consumer"), opts...)
	if err != nil {
		return err
	}
	finder := positions.Finder{Client: t.consumer, Logger: t.logger, Policy: positions.Policy(v)}
	begin, err := finder.Begin(ctx, next)
	if err != nil {
		return err
	}
	if s.EmitSyncs {
		t.producer, err = newClient(s.cluster(), kafka.Producer, v, s.label("offset-syncs-"+s.SyncsLocation+"-producer"),
			kgo.RecordPartitioner(kgo.ManualPartitioner()))
		if err != nil {
			return err
		}
		t.syncs = syncs.New(t.producer, s.topic(&s.settings).Name, s.OffsetLagMax, t.logger)
	}
	if t.whole {
		t.fetcher = rawfetch.New(t.consumer, begin, resetter(finder))
		return nil
	}
	t.consumer.AddConsumePartitions(begin)
	return nil
}

// read returns the kept positions of the task's partitions: of each the offset of the next record, -1
// when none is kept.
func (t *SourceTask) read(ctx context.Context, tc connect.SourceContext) (map[connect.TopicPartition]int64, error) {
	t.partitions = map[connect.TopicPartition]*partition{}
	next := map[connect.TopicPartition]int64{}
	for _, name := range t.settings.TasksPartitions {
		p, err := parsePartition(name)
		if err != nil {
			return nil, err
		}
		t.partitions[p] = t.newPartition(p)
		kept, err := tc.Offset(ctx, t.partitions[p].key)
		if err != nil {
			return nil, err
		}
		next[p] = -1
		if kept == nil {
			continue
		}
		last, ok := kept[offsetKey].(int64)
		if !ok || last < 0 {
			return nil, fmt.Errorf("kept offset of partition %s: %v is not one of this connector: stop the connector and "+
				"delete its offsets", p, kept)
		}
		next[p] = last + 1
	}
	return next, nil
}

func (t *SourceTask) newPartition(p connect.TopicPartition) *partition {
	remote := t.settings.policy().Remote(t.settings.Source, p.Topic)
	return &partition{remote: remote, offsets: syncs.NewPartition(p.Topic, p.Partition),
		series: t.counts.of(remote, p.Partition),
		key:    map[string]any{clusterKey: t.settings.Source, topicKey: p.Topic, partitionKey: int64(p.Partition)}}
}

// parsePartition reads topic-number, as MirrorMaker 2 writes it in task.assigned.partitions.
func parsePartition(text string) (p connect.TopicPartition, err error) {
	at := strings.LastIndexByte(text, '-')
	n, err := strconv.ParseInt(text[at+1:], 10, 32)
	if at < 1 || err != nil || n < 0 {
		return p, fmt.Errorf("task.assigned.partitions: %q is not a topic and the number of a partition", text)
	}
	return connect.TopicPartition{Topic: text[:at], Partition: int32(n)}, nil
}

// Poll returns the next records, those of a partition in order.
func (t *SourceTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	timed, cancel := context.WithTimeout(ctx, t.settings.PollTimeout)
	defer cancel()
	fetches := t.consumer.PollRecords(timed, maxPoll)
	records := make([]*connect.SourceRecord, 0, fetches.NumRecords())
	var failed error
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		if f.Err != nil && timed.Err() == nil {
			failed = errors.Join(failed, t.fault(f))
		}
		if state := t.of(f); state != nil && len(f.Records) > 0 {
			records = t.append(records, state, f.FetchPartition)
		}
	})
	return records, failed
}

// of returns what is known of the partition of a fetch, nil when the task does not mirror it.
func (t *SourceTask) of(f kgo.FetchTopicPartition) *partition {
	return t.partitions[connect.TopicPartition{Topic: f.Topic, Partition: f.Partition}]
}

// fault returns what ends this life of the task, nil for what was only to be told.
func (t *SourceTask) fault(f kgo.FetchTopicPartition) error {
	var loss *kgo.ErrDataLoss
	if errors.As(f.Err, &loss) {
		t.logger.Warn("records are gone from the source cluster, or were replaced by others, before they were mirrored",
			"topic", f.Topic, "partition", f.Partition, "error", f.Err)
		return nil
	}
	if positions.IsGone(f.Err) {
		if p := t.of(f); p != nil && !p.gone {
			p.gone = true
			t.logger.Warn("a partition is not found on the source cluster; others are mirrored meanwhile", "topic", f.Topic,
				"partition", f.Partition, "error", f.Err)
		}
		return nil
	}
	if f.Topic == "" {
		return fmt.Errorf("read from the source cluster: %w", f.Err)
	}
	return fmt.Errorf("read partition %s-%d of the source cluster: %w", f.Topic, f.Partition, f.Err)
}

// append adds the records of a partition to those of a poll.
func (t *SourceTask) append(records []*connect.SourceRecord, p *partition, f kgo.FetchPartition) (
	with []*connect.SourceRecord) {
	bytes := 0
	for i, in := range f.Records {
		records = append(records, t.record(p, in, len(f.Records)-1-i))
		bytes += len(in.Key) + len(in.Value)
	}
	n := len(f.Records)
	p.gone = false
	p.series.read(n, bytes, f.HighWatermark-f.Records[n-1].Offset-1)
	return records
}

// record is allocated with its position.
type record struct {
	connect.SourceRecord
	position position
}

// blockSize is how many records are allocated at a time, at most.
const blockSize = 32

// record returns the record that a record becomes, behind which n are left.
func (t *SourceTask) record(p *partition, in *kgo.Record, n int) *connect.SourceRecord {
	if len(t.block) == 0 {
		t.block = make([]record, min(blockSize, n+1))
	}
	r := &t.block[0]
	t.block = t.block[1:]
	r.Topic, r.Partition = p.remote, connect.InPartition(in.Partition)
	r.Key, r.Value = payload(in.Topic, in.Key), payload(in.Topic, in.Value)
	r.Headers, r.Timestamp = headers(in.Headers), in.Timestamp
	r.position = position{of: p, offset: in.Offset, last: n == 0}
	r.SourcePartition, r.Position = p.key, &r.position
	return &r.SourceRecord
}

var bytesSchema = &data.Schema{Kind: data.Bytes}

// payload is bytes as they are, or null.
func payload(topic string, raw []byte) connect.Payload {
	if raw == nil {
		return connect.Decoded(nil, nil)
	}
	return connect.Undecoded(topic, raw, asBytes{})
}

func headers(in []kgo.RecordHeader) []connect.Header {
	if len(in) == 0 {
		return nil
	}
	out := make([]connect.Header, len(in))
	for i, h := range in {
		out[i] = connect.Header{Key: h.Key, Raw: h.Value}
		if h.Value != nil {
			out[i].Value, out[i].Schema = h.Value, bytesSchema
		}
	}
	return out
}

var _ connect.Converter = asBytes{}

// asBytes is a converter that makes bytes of bytes.
type asBytes struct{}

func (asBytes) Format() string { return connect.FormatBytes }

func (asBytes) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	return bytesSchema, raw, nil
}

func (asBytes) FromConnect(_ string, _ *data.Schema, v any) ([]byte, error) {
	raw, ok := v.([]byte)
	if !ok && v != nil {
		return nil, fmt.Errorf("%T is not bytes", v)
	}
	return raw, nil
}

var _ connect.Position = (*position)(nil)

// position is that of a record upstream.
type position struct {
	of     *partition
	offset int64
	last   bool // of those of the partition in a poll
}

// SourceOffset returns the offset that is kept: that of the record itself, as MirrorMaker 2 keeps it.
func (p *position) SourceOffset() map[string]any { return map[string]any{offsetKey: p.offset} }

// Written implements [connect.WriteObserver].
func (t *SourceTask) Written(r *connect.SourceRecord, _ connect.TopicPartition, offset int64) {
	p, ok := r.Position.(*position)
	if !ok {
		return
	}
	if p.last {
		p.of.series.written(r.Timestamp) // not of each: the clock would cost as much as the rest
	}
	if t.syncs != nil {
		t.syncs.Written(p.of.offsets, p.offset, offset)
	}
}

// Committed writes the offset syncs that have waited for others.
func (t *SourceTask) Committed(_, _ map[string]any) {
	if t.syncs != nil {
		t.syncs.Catch()
	}
}

// flushTime is how long offset syncs have to arrive when the task stops.
const flushTime = 2 * time.Second

// Stop closes the clients. Offset syncs that are on their way arrive before.
func (t *SourceTask) Stop() error {
	if t.fetcher != nil {
		t.fetcher.Close()
	}
	if t.consumer != nil {
		t.consumer.Close()
	}
	if t.producer != nil {
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		defer cancel()
		_ = t.producer.Flush(ctx) // what does not arrive is made up for by the next
		t.producer.Close()
	}
	return nil
}
