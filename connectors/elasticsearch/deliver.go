package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/suiro/suiro/connect"
)

// maxFaults is how often one document may make the server fail (5xx other than
// overload) before the document is rejected.
const maxFaults = 10

// resetTries is how often a connection may be reset before the batch is halved.
const resetTries = 4

// attempt is one request under way.
type attempt struct {
	items  []item
	cancel context.CancelFunc
	done   chan struct{}
}

func (a *attempt) carries(parts map[*partition]bool) bool {
	for i := range a.items {
		if parts[a.items[i].part] {
			return true
		}
	}
	return false
}

// deliver sends a batch until all its items are settled. It returns an error
// when the task cannot go on, or when ctx is done.
func (w *writer) deliver(ctx context.Context, b *batch) (err error) {
	p := &pace{s: w.s, what: fmt.Sprintf("write %d documents", len(b.items)), born: b.born}
	p.slow = w.health.slowness()
	defer func() { w.done(p, err) }()
	if err := w.ensureMappings(ctx, b); err != nil {
		return err
	}
	for {
		var results []itemResult
		if b, results, err = w.try(ctx, b, p); err == nil {
			before := len(b.items)
			if b, err = w.sort(ctx, b, results); len(b.items) < before {
				p.steps = 0 // The cluster takes some: it is there.
			}
			w.pressure()
		}
		if len(b.items) == 0 {
			return nil
		}
		switch verdict := judgeRequest(err); {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.Canceled):
			continue // Only this request was cancelled, by a closed partition.
		case verdict == divide:
			return w.divide(ctx, b, err)
		case verdict == fatal:
			return fmt.Errorf("%s: %s", p.what, explain(err))
		case p.tries >= resetTries && len(b.items) > 1 && reset(err):
			return w.halve(ctx, b)
		}
		if err := w.again(ctx, p, err); err != nil {
			return err
		}
	}
}

// try makes one request of what is left of the batch, and returns that with
// the result of each item; results are nil when all succeeded.
func (w *writer) try(ctx context.Context, b *batch, p *pace) (*batch, []itemResult, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout())
	a := &attempt{cancel: cancel, done: make(chan struct{})}
	b = w.begin(a, b)
	defer w.end(a)
	if len(b.items) == 0 {
		return b, nil, nil
	}
	w.stats.requests.Add(1)
	w.stats.sent.Add(int64(len(b.body)))
	began := time.Now()
	answer, err := w.client.bulk(ctx, b.body, w.params())
	// A connection that is not opened in time is no sign of a slow answer.
	w.health.took(p, time.Since(began), err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded))
	if err != nil {
		return b, nil, err
	}
	results, err := parseAnswer(answer, len(b.items))
	return b, results, err
}

// begin drops the items of closed partitions and registers the attempt, in one
// step, so that closing a partition sees either no attempt or its own.
func (w *writer) begin(a *attempt, b *batch) *batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	b = w.live(b)
	a.items = b.items
	w.attempts[a] = struct{}{}
	return b
}

func (w *writer) end(a *attempt) {
	a.cancel()
	w.mu.Lock()
	delete(w.attempts, a)
	w.mu.Unlock()
	close(a.done)
}

// params are the parameters of a bulk request.
func (w *writer) params() esapi.BulkRequest {
	var r esapi.BulkRequest
	yes := true
	switch w.s.resourceUsage {
	case resourceAliasIndex, resourceAliasDataStream:
		r.RequireAlias = &yes
	case resourceDataStream:
		r.RequireDataStream = &yes
	}
	return r
}

// settleAll marks items as written.
func (w *writer) settleAll(items []item) {
	w.stats.written.Add(int64(len(items)))
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range items {
		items[i].part.settle(items[i].ticket)
	}
	w.released(items)
}

// divide sends the parts of a batch that was refused as a whole, down to the
// item that is the cause.
func (w *writer) divide(ctx context.Context, b *batch, cause error) error {
	var status *statusError
	errors.As(cause, &status)
	if len(b.items) > 1 {
		w.lowerLimit(b, status)
		return w.halve(ctx, b)
	}
	e := &itemError{Type: status.kind, Reason: status.reason}
	w.reject(&b.items[0], &itemResult{status.status, e}, rejected)
	return w.err()
}

// halve sends the halves of a batch, in order.
func (w *writer) halve(ctx context.Context, b *batch) error {
	first, second := b.halves()
	if err := w.deliver(ctx, first); err != nil {
		return err
	}
	return w.deliver(ctx, second)
}

// lowerLimit makes later bodies shorter than one that was too long.
func (w *writer) lowerLimit(b *batch, status *statusError) {
	if status.status != 413 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if half := len(b.body) / 2; half < w.limit {
		w.limit = half
		w.log.Warn("elasticsearch refuses requests that long, sending shorter ones", "bytes", half)
	}
}

// refusedItems says that some items are to be sent again.
type refusedItems struct {
	first *statusError
	n     int
}

func (e *refusedItems) Error() string {
	return fmt.Sprintf("%d documents refused, the first with %v", e.n, e.first)
}

// sort settles the items of an answered request and returns those to send
// again, with the reason. Items of the same id that come after one of these go
// with it, even when they succeeded: their writes must be the last.
func (w *writer) sort(ctx context.Context, b *batch, results []itemResult) (*batch, error) {
	if results == nil {
		w.settleAll(b.items)
		return &batch{}, nil
	}
	var settled []item
	var lacking []string
	var refused refusedItems
	keep := make([]bool, len(b.items))
	held := map[uint64]bool{}
	for i := range b.items {
		it, r := &b.items[i], &results[i]
		switch v := it.judge(r); v {
		case accepted:
			if keep[i] = it.order != 0 && held[it.order]; !keep[i] {
				settled = append(settled, *it)
			}
		case fatal:
			return b, r.cause()
		case malformed, rejected:
			w.reject(it, r, v)
		default:
			if v == missing {
				lacking = append(lacking, r.Error.Index)
			}
			keep[i], held[it.order] = true, true
			if refused.n++; refused.n == 1 {
				refused.first = r.cause()
			}
		}
	}
	w.settleAll(settled)
	rest := b.only(func(i int) bool { return keep[i] })
	if len(rest.items) == 0 {
		return rest, nil
	}
	if err := w.ensureIndices(ctx, lacking); err != nil {
		return rest, err
	}
	return rest, &refused
}

// judge is judgeItem with an end to what a single document may break.
func (it *item) judge(r *itemResult) verdict {
	v := judgeItem(it, r)
	if v == againBounded {
		if it.faults++; it.faults > maxFaults {
			return rejected
		}
	}
	return v
}

// cause is the result as an error.
func (r *itemResult) cause() *statusError {
	e := &statusError{status: r.Status}
	if r.Error != nil {
		e.kind, e.reason = r.Error.Type, r.Error.text()
	}
	return e
}

// reject hands an item that Elasticsearch refused to errors.tolerance, or
// drops it as behavior.on.malformed.documents says.
func (w *writer) reject(it *item, r *itemResult, v verdict) {
	w.mu.Lock()
	w.released([]item{*it})
	closed := it.part.closed
	w.mu.Unlock()
	if closed {
		return
	}
	err := refusalOf(it, r)
	drop := v == malformed && w.s.onMalformed != onMalformedFail
	if drop && w.s.onMalformed == onMalformedWarn {
		w.log.Warn("elasticsearch refused a malformed document", "topic", it.record.OriginalTopic,
			"partition", it.record.OriginalPartition, "offset", it.record.Offset, "error", err)
	}
	w.refuse(refusal{it.record, it.part, it.ticket, err}, drop)
}

// refuse rejects a record. When it is to be dropped it still goes to the
// dead-letter queue if bad records are tolerated.
func (w *writer) refuse(r refusal, drop bool) {
	w.stats.rejected.Add(1)
	if drop && !w.s.tolerant {
		w.settle(r)
		return
	}
	if drop {
		w.log.Debug("record cannot become a document", "error", r.err)
	}
	err := w.tc.Report(r.record, r.err, func(err error) {
		if err != nil {
			w.fail(fmt.Errorf("send a rejected record to the dead-letter queue: %w", err))
			return
		}
		w.settle(r)
	})
	if err != nil {
		w.fail(err)
	}
}

func (w *writer) settle(r refusal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.part.settle(r.ticket)
}

// The headers of a dead letter that Elasticsearch refused.
const (
	statusHeader = "__connect.errors.elasticsearch.status"
	typeHeader   = "__connect.errors.elasticsearch.type"
	reasonHeader = "__connect.errors.elasticsearch.reason"
)

// refusalOf makes the reason of an item's refusal.
func refusalOf(it *item, r *itemResult) error {
	e := r.Error
	if e == nil {
		e = &itemError{Reason: "no reason given"}
	}
	parts := []string{fmt.Sprintf("%s document: status %d", it.op, r.Status)}
	for _, s := range []string{e.Type, e.text()} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return &connect.Reason{Err: errors.New(strings.Join(parts, ": ")), Headers: map[string]string{
		statusHeader: strconv.Itoa(r.Status), typeHeader: e.Type, reasonHeader: e.text(),
	}}
}
