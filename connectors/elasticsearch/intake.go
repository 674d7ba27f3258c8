package elasticsearch

import (
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/bulk"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/indices"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// intake is Put's half of the work: it makes documents of records and fills the
// lanes with them. It is used by the task's calls, which come one at a time.
type intake struct {
	settings *settings.Settings
	planner  *bulk.Planner
	lines    *bulk.Lines
	parts    partitions
	lanes    *lanes
	indices  *indices.Indices
	metrics  *metrics.Metrics

	retrying bool // records are being put again
}

// refusal is a record that cannot become a document.
type refusal struct {
	record  *connect.SinkRecord
	pending sinkkit.Pending
	err     error
	// held is what the budget counts for it until it is settled.
	held sinkkit.Load
}

// put adds records to the lanes and returns how much they hold, together with the
// records that cannot become documents, which it returns too. Its error is retriable, as when a converter
// cannot reach its schema registry: then the records before are taken, and are
// passed over when all are put again.
func (in *intake) put(records []*connect.SinkRecord) (added sinkkit.Load, refused []refusal, err error) {
	in.lanes.mu.Lock()
	defer in.lanes.mu.Unlock()
	now := time.Now()
	for i, r := range records {
		part := in.parts[r.TopicPartition()]
		if part == nil || r.Offset < part.taken {
			continue // Given up, its new owner reads it again; or taken before.
		}
		p, err := in.planner.Plan(r)
		if err != nil && connect.IsRetriable(err) {
			in.retrying = true
			in.parts.take(records[:i])
			return added, refused, err
		}
		pending := part.prefix.Add(r.Offset)
		if err == nil {
			var size int64
			if size, err = in.add(now, &p, r, part, pending); size > 0 {
				added.Records, added.Bytes = added.Records+1, added.Bytes+size
			}
		}
		if err != nil {
			r = bare(r)
			held := sinkkit.Load{Records: 1, Bytes: sizeOf(r)}
			added.Records, added.Bytes = added.Records+held.Records, added.Bytes+held.Bytes
			refused = append(refused, refusal{r, pending, err, held})
		}
	}
	if in.retrying {
		in.retrying = false
		in.parts.forget()
	}
	return added, refused, nil
}

// add puts one planned record into the batch it belongs to and returns its
// size, 0 when there is nothing to send for it.
func (in *intake) add(now time.Time, p *bulk.Plan, r *connect.SinkRecord, part *partition,
	pending sinkkit.Pending) (size int64, err error) {
	if p.Skip {
		in.metrics.Skipped.Inc()
		pending.Settle()
		return 0, nil
	}
	l := in.lanes.of(p.Order, r.OriginalPartition)
	b := l.open()
	from := len(b.body)
	if b.body, err = in.lines.Append(b.body, p, r); err != nil {
		return 0, err
	}
	schema := in.schemaOf(p, r)
	it := item{record: bare(r), part: part, pending: pending, from: from, to: len(b.body),
		order: p.Order, op: p.Op, versioned: p.Versioned}
	if len(b.body) > in.lanes.limit && len(b.items) > 0 {
		l.overflow(&it)
		b = l.filling
	}
	l.add(it, now, in.settings.Linger)
	in.noteIndex(b, p, schema)
	if len(b.items) >= in.settings.BatchSize || len(b.body) >= in.lanes.limit {
		l.seal()
	}
	return it.size(), nil
}

// schemaOf is the schema that the mapping of a new index is made of, nil for none.
func (in *intake) schemaOf(p *bulk.Plan, r *connect.SinkRecord) *data.Schema {
	if !p.Mapped || !in.indices.Unprepared(p.Index) {
		return nil
	}
	if _, raw := r.Value.Raw(connect.FormatJSON); raw {
		return nil
	}
	schema, _, _ := r.Value.Decode() // It was decoded for the document already.
	return schema
}

// noteIndex remembers that an index may have to be prepared before its first
// document.
func (in *intake) noteIndex(b *batch, p *bulk.Plan, schema *data.Schema) {
	switch {
	case p.Op == bulk.Delete, b.indices[p.Index] != nil, !in.indices.Unprepared(p.Index),
		schema == nil && in.settings.External():
		return
	}
	if b.indices == nil {
		b.indices = map[string]*data.Schema{}
	}
	b.indices[p.Index] = schema
}
