package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
)

// sorting is an answered request, item by item: which ones are over, and which
// are to be sent again.
type sorting struct {
	items    []item
	results  []cluster.ItemResult
	verdicts []verdict

	keep    []bool // to be sent again
	ended   int    // how many are over, written or refused
	written []item
	lacking []string // indices that are not there
	refused refusedItems
}

// refusedItems says that some items are to be sent again.
type refusedItems struct {
	first *cluster.StatusError
	n     int
}

// Error tells how many, and why the first.
func (e *refusedItems) Error() string {
	return fmt.Sprintf("%d documents refused, the first with %v", e.n, e.first)
}

// sort judges the items of an answer, and hands the refused ones on.
func (d *delivery) sort(ctx context.Context, results []cluster.ItemResult) (*sorting, error) {
	a := &sorting{items: d.batch.items, results: results, verdicts: make([]verdict, len(results)),
		keep: make([]bool, len(results))}
	for i := range a.items {
		v := a.items[i].judge(&results[i])
		if v == fatal {
			return nil, results[i].Cause()
		}
		a.verdicts[i] = v
	}
	if err := d.prove(ctx, a); err != nil {
		return nil, err
	}
	a.replaced(d.batch)
	a.divide(d.batch)
	for i := range a.items {
		switch v := a.verdicts[i]; {
		case a.keep[i]:
		case v == outdated || v == taken:
			d.sender.refusals.conflict(&a.items[i], &results[i])
		case v == malformed || v == rejected:
			d.sender.refusals.item(&a.items[i], &results[i], v)
		}
	}
	return a, nil
}

// judge is judgeItem with an end to what a single document may break.
func (it *item) judge(r *cluster.ItemResult) verdict {
	v := judgeItem(it, r)
	if v == againBounded {
		if it.faults++; it.faults > maxFaults {
			return rejected
		}
	}
	return v
}

// replaced accepts items whose document has a newer version when that is a later
// record of this batch, in an earlier try or life of the task.
func (a *sorting) replaced(b *batch) {
	if !slices.Contains(a.verdicts, outdated) {
		return
	}
	type document struct {
		cluster.DocumentRef
		part *partition // offsets of two partitions say nothing about each other
	}
	newer := map[document]bool{}
	for i := len(a.items) - 1; i >= 0; i-- {
		if v := a.verdicts[i]; v != accepted && v != outdated || a.items[i].order == 0 {
			continue
		}
		action, _ := b.lines(&a.items[i])
		doc := document{documentIn(action), a.items[i].part}
		if newer[doc] {
			a.verdicts[i] = accepted
		}
		newer[doc] = a.verdicts[i] == accepted
	}
}

// divide says which items are over. Items of an id that come after one which is
// sent again go with it, even when they succeeded: their writes must be the
// last.
func (a *sorting) divide(b *batch) {
	held := map[uint64]bool{}
	for i := range a.items {
		it, r := &a.items[i], &a.results[i]
		switch v := a.verdicts[i]; v {
		case accepted:
			if a.keep[i] = it.order != 0 && held[it.order]; !a.keep[i] {
				a.written = append(a.written, *it)
			}
		case outdated, taken, malformed, rejected:
		default:
			if v == missing {
				action, _ := b.lines(it) // The answer may name anything; what was asked for counts.
				a.lacking = append(a.lacking, documentIn(action).Index)
			}
			a.keep[i], held[it.order] = true, true
			if a.refused.n++; a.refused.n == 1 {
				a.refused.first = r.Cause()
			}
		}
		if !a.keep[i] {
			a.ended++
		}
	}
}

// prove finds out which items are there already that a data stream refused for
// their id: a document that is the same was written by an attempt whose answer
// was lost, or in an earlier life of the task.
func (d *delivery) prove(ctx context.Context, a *sorting) error {
	var at []int
	var refs []cluster.DocumentRef
	for i := range a.items {
		if a.verdicts[i] == taken && a.results[i].Error != nil {
			action, _ := d.batch.lines(&a.items[i])
			at = append(at, i)
			refs = append(refs, cluster.DocumentRef{Index: a.results[i].Error.Index, ID: documentIn(action).ID})
		}
	}
	if len(refs) == 0 {
		return nil
	}
	docs, err := d.documents(ctx, refs)
	if hopeless(err) || errors.As(err, new(*cluster.TooLongError)) {
		return nil // Without the privilege to read, or beside another long document, nothing is proven.
	}
	if err != nil {
		return err
	}
	for n, i := range at {
		if _, own := d.batch.lines(&a.items[i]); sameJSON(own, docs[n]) {
			a.verdicts[i] = accepted
		}
	}
	return nil
}

// documents reads documents, with as much time as a request of the delivery has.
func (d *delivery) documents(ctx context.Context, refs []cluster.DocumentRef) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, d.sender.timeouts.after(d.doublings))
	defer cancel()
	began := time.Now()
	docs, err := d.sender.cluster.Documents(ctx, refs, len(d.batch.body))
	timedOut := err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded)
	d.doublings = d.sender.timeouts.took(d.doublings, time.Since(began), timedOut)
	return docs, err
}

// documentIn returns the document that an action line, which this package wrote,
// is about.
func documentIn(action []byte) cluster.DocumentRef {
	var line map[string]cluster.DocumentRef
	_ = json.Unmarshal(action, &line)
	for _, ref := range line {
		return ref
	}
	return cluster.DocumentRef{}
}

// sameJSON reports whether two texts are the same JSON; nothing is not.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return len(a) > 0
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
