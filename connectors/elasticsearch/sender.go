package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/indices"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/metrics"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// maxBackoff bounds the wait between two tries.
const maxBackoff = 10 * time.Second

// sender is what all deliveries of a task share: the cluster, and what is known
// about it. It may be used from any goroutine.
type sender struct {
	settings *settings.Settings
	log      *slog.Logger
	cluster  *cluster.Client
	budget   *sinkkit.Budget
	outage   *sinkkit.Outage
	timeouts *timeouts
	requests *requests
	lanes    *lanes
	indices  *indices.Indices
	refusals *refusals
	metrics  *metrics.Metrics
	// fail ends the task.
	fail func(error)
}

// run sends the batches of a lane, one after the other, until there is no more.
func (sd *sender) run(ctx context.Context, l *lane) {
	for b := sd.lanes.next(l); b != nil; b = sd.lanes.next(l) {
		err := sd.deliver(ctx, b)
		sd.lanes.sent(l)
		if err != nil && ctx.Err() == nil {
			sd.fail(err)
		}
	}
}

// deliver sends a batch until all its items are settled. It returns an error
// when the task cannot go on, or when ctx is done.
func (sd *sender) deliver(ctx context.Context, b *batch) error {
	if err := sd.prepareIndices(ctx, b); err != nil {
		return err
	}
	d := &delivery{sender: sd, batch: b, doublings: sd.timeouts.start(),
		retry: sd.retry(fmt.Sprintf("write %d documents", len(b.items)))}
	err := d.run(ctx)
	d.retry.Done(err)
	return err
}

// retry returns what spaces the tries of one piece of work.
func (sd *sender) retry(what string) sinkkit.Retry {
	return sinkkit.Retry{What: what, First: sd.settings.RetryBackoff, Max: max(maxBackoff, sd.settings.RetryBackoff),
		Outage: sd.outage}
}

// again waits before the next try, or gives up when the retries are used up.
func (sd *sender) again(ctx context.Context, r *sinkkit.Retry, cause error) error {
	if sd.settings.MaxRetries >= 0 && r.Tries() >= sd.settings.MaxRetries {
		return fmt.Errorf("%s: still refused after %d retries (max.retries): %w", r.What, sd.settings.MaxRetries, cause)
	}
	sd.metrics.Retry(retryReason(cause))
	return r.Again(ctx, cause)
}

// persist calls f until it succeeds or fails for good.
func (sd *sender) persist(ctx context.Context, what string, f func(context.Context) error) (err error) {
	r := sd.retry(what)
	defer func() { r.Done(err) }()
	for {
		try, cancel := context.WithTimeout(ctx, max(sd.settings.ReadTimeout, maxBackoff))
		err := f(try)
		cancel()
		if err == nil {
			return nil
		}
		if hopeless(err) {
			return cluster.Final(what, err)
		}
		if err := sd.again(ctx, &r, err); err != nil {
			return err
		}
	}
}

// prepareIndices prepares the indices of a batch that are not known yet.
func (sd *sender) prepareIndices(ctx context.Context, b *batch) error {
	for index, schema := range b.indices {
		if !sd.indices.Unprepared(index) {
			continue
		}
		err := sd.persist(ctx, "give index "+index+" a mapping", func(ctx context.Context) error {
			return sd.indices.Prepare(ctx, index, schema)
		})
		if err != nil {
			return err
		}
	}
	b.indices = nil
	return nil
}

// ensureIndices creates indices or data streams that a bulk request missed,
// where Elasticsearch does not do it by itself.
func (sd *sender) ensureIndices(ctx context.Context, names []string) error {
	slices.Sort(names)
	create := func(ctx context.Context, name string) error { return sd.indices.Prepare(ctx, name, nil) }
	if sd.settings.Stream() {
		create = sd.cluster.CreateDataStream
	}
	for _, name := range slices.Compact(names) {
		if name == "" {
			continue
		}
		if sd.settings.External() {
			return &cluster.StatusError{Status: 404, Kind: "index_not_found_exception", Reason: name +
				" does not exist; create it, or set external.resource.usage to disabled"}
		}
		err := sd.persist(ctx, "create "+name, func(ctx context.Context) error { return create(ctx, name) })
		if err != nil {
			return err
		}
	}
	return nil
}

// params are the parameters of a bulk request.
func (sd *sender) params() esapi.BulkRequest {
	var r esapi.BulkRequest
	yes := true
	switch sd.settings.ResourceUsage {
	case settings.ResourceAliasIndex, settings.ResourceAliasDataStream:
		r.RequireAlias = &yes
	case settings.ResourceDataStream:
		r.RequireDataStream = &yes
	}
	return r
}

// written settles items that Elasticsearch has.
func (sd *sender) written(items []item) {
	sd.metrics.Written.Add(float64(len(items)))
	for i := range items {
		items[i].pending.Settle()
	}
}

// divide sends the parts of a batch that was refused as a whole, down to the
// item that is the cause.
func (sd *sender) divide(ctx context.Context, b *batch, cause error) error {
	var status *cluster.StatusError
	errors.As(cause, &status)
	if len(b.items) > 1 {
		if half := len(b.body) / 2; status.Status == 413 && sd.lanes.lower(half) {
			sd.log.Warn("elasticsearch refuses requests that long, sending shorter ones", "bytes", half)
		}
		return sd.halve(ctx, b)
	}
	result := &cluster.ItemResult{Status: status.Status,
		Error: &cluster.ItemError{Type: status.Kind, Reason: status.Reason}}
	sd.refusals.item(&b.items[0], result, rejected)
	return nil
}

// halve sends the halves of a batch, in order.
func (sd *sender) halve(ctx context.Context, b *batch) error {
	first, second := b.halves()
	if err := sd.deliver(ctx, first); err != nil {
		return err
	}
	return sd.deliver(ctx, second)
}
