package elasticsearch

import (
	"bytes"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/bulk"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/internal/jsontext"
)

// item is one record on its way: where its lines are in the batch's body, and
// what is needed to settle it.
type item struct {
	record  *connect.SinkRecord
	part    *partition
	pending sinkkit.Pending
	// from and to bound the item's lines in the body.
	from, to int
	// order is equal for items whose writes must not overtake each other; 0
	// for items that meet no other.
	order     uint64
	op        bulk.Operation
	versioned bool
	// faults counts the answers that blamed the server for this item.
	faults int
}

// size is what the item holds in memory: its lines, and the record they came from.
func (it *item) size() int64 { return sizeOf(it.record) + growth(int64(it.to-it.from)) }

// loadOf is what items hold.
func loadOf(items []item) sinkkit.Load {
	n := sinkkit.Load{Records: int64(len(items))}
	for i := range items {
		n.Bytes += items[i].size()
	}
	return n
}

// batch is a bulk body and the items in it, in order.
type batch struct {
	body  []byte
	items []item
	// born is when the first item came; linger counts from it.
	born time.Time
	// indices are those that may have to be prepared first, with the schema of
	// their records, nil for none.
	indices map[string]*data.Schema
}

// lines returns the action and the document of an item; a delete has no
// document.
func (b *batch) lines(it *item) (action, document []byte) {
	action, document, _ = bytes.Cut(b.body[it.from:it.to], []byte("\n"))
	return action, bytes.TrimSuffix(document, []byte("\n"))
}

// idField begins the id in an action line; no other text in one holds a quote that is
// not escaped.
var idField = []byte(`"_id":`)

// answeredBy reports results that are not those of the batch's items, in order. Nil
// results, when all succeeded, fit every batch.
func (b *batch) answeredBy(results []cluster.ItemResult) error {
	var own []byte
	for i := range results {
		r, it := &results[i], &b.items[i]
		action, _ := b.lines(it)
		own = jsontext.AppendString(append(own[:0], idField...), r.ID) // as the action line has it
		other := r.ID != "" && bytes.Contains(action, idField) && !bytes.Contains(action, own)
		if r.Op != it.op.String() || other {
			return fmt.Errorf("the answer to a bulk request has another document in the place of item %d", i)
		}
	}
	return nil
}

// halves splits the batch into two that share its body.
func (b *batch) halves() (first, second *batch) {
	n := len(b.items) / 2
	first, second = &batch{born: b.born, items: b.items[:n]}, &batch{born: b.born, items: b.items[n:]}
	at := second.items[0].from
	first.body, second.body = b.body[:at:at], b.body[at:]
	for i := range second.items {
		second.items[i].from -= at
		second.items[i].to -= at
	}
	return first, second
}

// only returns a batch of the items that keep accepts, in their order, with a
// body of its own: the old one may still be read by a request given up.
func (b *batch) only(keep func(i int) bool) *batch {
	out := &batch{born: b.born, indices: b.indices}
	for i := range b.items {
		if !keep(i) {
			continue
		}
		it := b.items[i]
		from := len(out.body)
		out.body = append(out.body, b.body[it.from:it.to]...)
		it.from, it.to = from, len(out.body)
		out.items = append(out.items, it)
	}
	return out
}

// live returns the batch without the items of closed partitions, and what
// these held.
func (b *batch) live() (*batch, sinkkit.Load) {
	var dropped []item
	for i := range b.items {
		if b.items[i].part.closed.Load() {
			dropped = append(dropped, b.items[i])
		}
	}
	if len(dropped) == 0 {
		return b, sinkkit.Load{}
	}
	return b.only(func(i int) bool { return !b.items[i].part.closed.Load() }), loadOf(dropped)
}
