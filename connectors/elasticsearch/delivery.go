package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
)

const (
	// maxFaults is how often one document may make the server fail (5xx other
	// than overload) before the document is rejected.
	maxFaults = 10
	// resetTries is how often a connection may be reset before the batch is
	// halved.
	resetTries = 4
	// roomTries is how often Elasticsearch may have no memory for a request
	// before the batch is halved: it may never have as much.
	roomTries = 8
)

// delivery brings one batch to an end. It is used by one goroutine.
//
//	          some items to send again, or the request failed: wait
//	        ┌───────────────────────────────────────┐
//	        ▼                                       │
//	──▶ request ──▶ answer ──▶ sort ──┬─────────────┘
//	        │                         └── all settled ──▶ done
//	        └── refused as a whole ──▶ two deliveries of half of it
type delivery struct {
	sender    *sender
	batch     *batch // what is left
	retry     sinkkit.Retry
	doublings int // of the read timeout
}

func (d *delivery) run(ctx context.Context) error {
	for {
		results, err := d.try(ctx)
		if err == nil {
			err = d.settle(ctx, results)
		}
		if len(d.batch.items) == 0 {
			return nil
		}
		switch v := judgeRequest(err); {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.Canceled):
			continue // Only this request was cancelled, by a closed partition.
		case v == divide:
			return d.sender.divide(ctx, d.batch, err)
		case v == fatal:
			return cluster.Final(d.retry.What, err)
		case len(d.batch.items) > 1 && d.mayBeTooLong(err):
			return d.sender.halve(ctx, d.batch)
		}
		if err := d.sender.again(ctx, &d.retry, err); err != nil {
			return err
		}
	}
}

// mayBeTooLong reports whether the whole request has failed so often, in a way
// that the length of its body can be the cause of, that a shorter one is worth a
// try.
func (d *delivery) mayBeTooLong(err error) bool {
	tries := d.retry.Tries()
	return tries >= resetTries && cluster.Reset(err) || tries >= roomTries && cluster.NoRoom(err)
}

// try makes one request of what is left of the batch and returns the result of
// each item; results are nil when all succeeded.
func (d *delivery) try(ctx context.Context) ([]cluster.ItemResult, error) {
	sd := d.sender
	ctx, cancel := context.WithTimeout(ctx, sd.timeouts.after(d.doublings))
	r, b, dropped := sd.requests.begin(d.batch, cancel)
	defer sd.requests.end(r)
	d.batch = b
	sd.budget.Release(dropped)
	if len(b.items) == 0 {
		return nil, nil
	}
	sd.metrics.Requests.Inc()
	sd.metrics.Documents.Observe(float64(len(b.items)))
	sd.metrics.Sent.Add(float64(len(b.body)))
	began := time.Now()
	results, err := sd.cluster.Bulk(ctx, b.body, len(b.items), sd.params())
	sd.metrics.Seconds.Observe(time.Since(began).Seconds())
	// A connection that is not opened in time is no sign of a slow answer.
	timedOut := err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded)
	d.doublings = sd.timeouts.took(d.doublings, time.Since(began), timedOut)
	if timedOut {
		return nil, fmt.Errorf("no answer within %v (read.timeout.ms, doubled with each try): %w",
			time.Since(began).Round(time.Millisecond), err)
	}
	if err != nil {
		return nil, err
	}
	return results, b.answeredBy(results)
}

// settle settles the items of an answered request and keeps those to send
// again, with the reason.
func (d *delivery) settle(ctx context.Context, results []cluster.ItemResult) error {
	b := d.batch
	if results == nil {
		d.finish(b.items, &batch{})
		d.sender.written(b.items)
		return nil
	}
	a, err := d.sort(ctx, results)
	if err != nil {
		return err
	}
	d.finish(a.written, b.only(func(i int) bool { return a.keep[i] }))
	d.sender.written(a.written)
	if len(d.batch.items) == 0 {
		return nil
	}
	if a.ended > 0 {
		d.retry.Progress()
	}
	if err := d.sender.ensureIndices(ctx, a.lacking); err != nil {
		return err
	}
	return &a.refused
}

// finish goes on with rest, and gives back what the written items held.
func (d *delivery) finish(written []item, rest *batch) {
	d.batch = rest
	d.sender.budget.Release(loadOf(written))
}
