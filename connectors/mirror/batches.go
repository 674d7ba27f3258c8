package mirror

import (
	"context"
	"errors"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connectors/mirror/internal/positions"
	"github.com/suiro/suiro/connectors/mirror/internal/rawfetch"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	_ connect.BatchTask = (*SourceTask)(nil)
	_ connect.Position  = (*batchPosition)(nil)
)

// OffersBatches implements [connect.BatchTask].
func (t *SourceTask) OffersBatches(v config.Values) bool { return v.Bool("undecoded.batches.enabled") }

// UseBatches implements [connect.BatchTask].
func (t *SourceTask) UseBatches() { t.whole = true }

// resetter returns what says where to go on in a partition when the next offset is not in it.
func resetter(f positions.Finder) rawfetch.Reset {
	return func(ctx context.Context, p connect.TopicPartition, next int64) (kgo.Offset, error) {
		begin, err := f.Begin(ctx, map[connect.TopicPartition]int64{p: next})
		return begin[p.Topic][p.Partition], err
	}
}

// PollBatches returns the next batches, those of a partition in order.
func (t *SourceTask) PollBatches(ctx context.Context) (out []*connect.Batch, failed error) {
	timed, cancel := context.WithTimeout(ctx, t.settings.PollTimeout)
	defer cancel()
	fetched, err := t.fetcher.Poll(timed)
	for _, f := range fetched {
		out = t.appendBatches(out, f)
		if f.Err != nil && !errors.Is(f.Err, kerr.ThrottlingQuotaExceeded) { // no room for what must be decoded
			err = errors.Join(err, t.fault(kgo.FetchTopicPartition{Topic: f.Topic,
				FetchPartition: kgo.FetchPartition{Partition: f.Partition, Err: f.Err}}))
		}
	}
	return out, err
}

// batchPosition is that of a batch upstream.
type batchPosition struct {
	of          *partition
	first, last int64 // offsets of records
}

// SourceOffset returns the offset that is kept, that of the last record.
func (p *batchPosition) SourceOffset() map[string]any { return map[string]any{offsetKey: p.last} }

// appendBatches adds the batches of a partition to those of a poll.
func (t *SourceTask) appendBatches(out []*connect.Batch, f rawfetch.Fetched) []*connect.Batch {
	p := t.partitions[f.TopicPartition]
	if p == nil || len(f.Batches) == 0 {
		return out
	}
	records, bytes := 0, 0
	for _, b := range f.Batches {
		out = append(out, &connect.Batch{Topic: p.remote, Partition: f.Partition, Bytes: b.Bytes, Records: b.Records,
			Timestamp: b.Latest, SourcePartition: p.key, Position: &batchPosition{p, b.First, b.Last}})
		records += b.Records
		bytes += len(b.Bytes)
	}
	p.gone = false
	p.series.read(records, bytes, f.End-f.Batches[len(f.Batches)-1].Last-1)
	return out
}

// BatchWritten implements [connect.BatchTask].
func (t *SourceTask) BatchWritten(b *connect.Batch, offset int64) {
	p := b.Position.(*batchPosition) // PollBatches has made it
	p.of.series.written(b.Timestamp)
	if t.syncs == nil {
		return
	}
	n := int64(b.Records)
	if p.last-p.first+1 == n {
		t.syncs.AllWritten(p.of.offsets, p.first, offset, n)
		return
	}
	t.syncs.Written(p.of.offsets, p.first, offset) // of what is between, these two say enough
	t.syncs.Written(p.of.offsets, p.last, offset+n-1)
}
