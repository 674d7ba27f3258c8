package filesets

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/sinkkit"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/internal/backoff"
)

// firstBackoff is the longest wait after a first failure; it doubles up to
// [Options.Backoff].
const firstBackoff = 100 * time.Millisecond

// writer serves one Kafka partition, from Open to Close. Its goroutine does all
// that waits for the storage; what the task's calls need is in its inbox.
//
//	                             the set is full, or its time is over
//	                             ┌───────────────┐
//	                             ▼               │
//	start ──▶ taking over ──▶ writing ──▶ committing
//	            ▲     │          │               │
//	            │     ▼          ▼               ▼
//	            └── waiting, after any error: all that is not committed is dropped
//
//	any of them ──▶ failed    an error that does not go away by itself
//	any of them ──▶ ended     Close or Stop
//
// Each wait is longer than the one before, and lasts as long as another owns the
// partition.
//
// There is one way to recover, the take-over, because after an error nobody
// knows what the storage did: the claim log does.
type writer struct {
	options  *Options
	in       *inbox
	logger   *slog.Logger
	claims   *claim.Log
	preparer preparer
	retry    sinkkit.Retry // of take-overs, from a failure until files can be written again

	cancel context.CancelFunc
	ended  chan struct{} // closed when the goroutine has ended
}

func newWriter(s *Sink, tp connect.TopicPartition) *writer {
	o, logger := &s.options, s.tc.Logger().With("partition", tp.String())
	missing := gaps{logger: logger, missing: o.Counters.missing}
	w := &writer{options: o, logger: logger, in: newInbox(tp, s.tc, s.budget, o.Root, missing),
		preparer: newPreparer(o, tp), ended: make(chan struct{})}
	w.claims = claim.NewLog(o.Storage, o.Root, tp.Topic, tp.Partition, func() (int64, bool, error) {
		return o.Names.End(o.Storage, o.Root, tp)
	})
	w.claims.Contents = o.Registry != nil
	w.retry = sinkkit.Retry{What: fmt.Sprintf("write files of %s-%d", tp.Topic, tp.Partition),
		First: min(firstBackoff, o.Backoff), Max: o.Backoff, Outage: &s.outage}
	return w
}

func (w *writer) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go func() {
		defer close(w.ended)
		w.run(ctx)
	}()
}

// hasEnded reports whether the goroutine has ended.
func (w *writer) hasEnded() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// run writes until ctx is done or a person is needed.
func (w *writer) run(ctx context.Context) {
	for {
		err := w.write(ctx)
		switch {
		case ctx.Err() != nil:
			w.retry.Done(ctx.Err())
			return
		case fatal(err):
			w.retry.Done(err)
			w.in.fail(err)
			return
		}
		w.in.rewind()
		w.options.Counters.retries.Inc()
		w.logger.Debug("write again from the end of the log", "error", err)
		if w.retry.Again(ctx, err) != nil || w.waitOwned(ctx) != nil {
			w.retry.Done(ctx.Err())
			return
		}
	}
}

// write takes the partition over and writes until something fails. A panic,
// of a format for instance, is an error and ends no more than the task.
func (w *writer) write(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{value: p, stack: debug.Stack()}
		}
	}()
	s, err := takeOver(ctx, w)
	if err != nil {
		return err
	}
	defer s.end()
	return s.run(ctx)
}

// waitOwned waits as long as the group's coordinator says that the partition is
// another's: taking it over would only fence its owner. The error is that of ctx.
func (w *writer) waitOwned(ctx context.Context) error {
	for told := false; ; {
		owned, err := w.in.tc.Owned(ctx, w.in.tp)
		if owned && err == nil {
			return nil
		}
		if !told {
			w.logger.Warn("stop writing: the partition may be another's", "error", err)
			told = true
		}
		if err := backoff.Sleep(ctx, w.options.Backoff); err != nil {
			return err
		}
	}
}

// prepare makes a record ready to be written. One that cannot be decoded now,
// but perhaps later, for instance because the schema registry is away, is tried
// again until ctx is done; it and what is queued after it keep their places
// meanwhile. bad is about the record.
func (w *writer) prepare(ctx context.Context, r *connect.SinkRecord) (p prepared, bad, err error) {
	p, bad = w.preparer.prepare(r)
	if !connect.IsRetriable(bad) {
		return p, bad, nil
	}
	defer w.in.stall(nil)
	pause := backoff.Backoff{First: min(firstBackoff, w.options.Backoff), Max: w.options.Backoff}
	for ; connect.IsRetriable(bad); p, bad = w.preparer.prepare(r) {
		w.in.stall(fmt.Errorf("%s: %w", w.in.record(r.Offset), bad))
		if err := backoff.Sleep(ctx, pause.Next()); err != nil {
			return p, nil, err
		}
	}
	return p, bad, nil
}
