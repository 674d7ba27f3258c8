package filesets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/storage"
	"github.com/suiro/suiro/internal/backoff"
)

// firstBackoff is the longest wait after a first failure; it doubles up to
// [Options.Backoff].
const firstBackoff = 100 * time.Millisecond

// writer serves one Kafka partition, from Open to Close. Its goroutine does all
// that waits for the storage; what the task's calls need is in its inbox.
//
//	                ┌──────────────── commit ◀──┐
//	                ▼                           │ the set is full or over
//	start ──▶ take over ──▶ write ◀─────────────┘
//	             ▲  │         │
//	             │  ▼         ▼ any error: drop all that is not committed
//	             wait, longer each time, and while another owns the partition
//
//	any of them ──▶ failed    an error that does not go away by itself
//	any of them ──▶ ended     Close or Stop
//
// There is one way to recover, the take-over, because after an error nobody
// knows what the storage did: the claim log does.
type writer struct {
	o        *Options
	in       *inbox
	log      *slog.Logger
	claims   *claim.Log
	preparer preparer
	count    *Counters

	cancel context.CancelFunc
	ended  chan struct{} // closed when the goroutine has ended
}

func (s *Sink) newWriter(tp connect.TopicPartition) *writer {
	log := s.tc.Logger().With("topic", tp.Topic, "partition", tp.Partition)
	w := &writer{o: &s.o, log: log, preparer: preparer{o: &s.o, encoder: s.o.Format.Encoder(s.o.Schemas)}, count: s.o.Counters, ended: make(chan struct{}),
		in: newInbox(tp, s.tc, s.budget, s.o.Root, gaps{log: log, missing: &s.o.Counters.missing})}
	w.claims = claim.NewLog(s.o.Storage, s.o.Root, tp.Topic, tp.Partition, func() (int64, bool, error) {
		return s.o.Names.End(s.o.Storage, s.o.Root, tp)
	})
	w.claims.Contents = s.o.Registry != nil
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

// run writes until ctx is done or a person is needed.
func (w *writer) run(ctx context.Context) {
	pause := w.backoff()
	for {
		s, err := w.begin(ctx)
		if err == nil {
			err = s.run(ctx)
			s.end()
			if s.advanced {
				pause.Reset()
			}
		}
		if ctx.Err() != nil {
			return
		}
		if fatal(err) {
			w.in.fail(err)
			return
		}
		w.in.rewind()
		wait := pause.Next()
		w.log.Warn("write again from the end of the log", "error", err, "wait", wait)
		if err := w.waitOwned(ctx, wait); err != nil {
			return
		}
	}
}

func (w *writer) backoff() backoff.Backoff {
	return backoff.Backoff{First: min(firstBackoff, w.o.Backoff), Max: w.o.Backoff}
}

// waitOwned waits, and then as long as the group's coordinator says that the
// partition is another's: taking it over would only fence its owner. The error
// is that of ctx.
func (w *writer) waitOwned(ctx context.Context, wait time.Duration) error {
	for told := false; ; {
		if err := backoff.Sleep(ctx, wait); err != nil {
			return err
		}
		owned, err := w.in.tc.Owned(ctx, w.in.tp)
		if owned && err == nil {
			return nil
		}
		if !told {
			w.log.Warn("stop writing: the partition may be another's", "error", err)
			told = true
		}
		wait = w.o.Backoff
	}
}

// prepare makes a record ready to be written. One that cannot be decoded now,
// but perhaps later, as when the schema registry is away, is tried again until
// ctx is done; it and what is queued after it keep their places meanwhile. bad
// is about the record.
func (w *writer) prepare(ctx context.Context, r *connect.SinkRecord) (p prepared, bad, err error) {
	p, bad = w.preparer.prepare(r)
	if !connect.IsRetriable(bad) {
		return p, bad, nil
	}
	defer w.in.stall(nil)
	for pause := w.backoff(); connect.IsRetriable(bad); p, bad = w.preparer.prepare(r) {
		w.in.stall(fmt.Errorf("%s-%d offset %d: %w", w.in.tp.Topic, w.in.tp.Partition, r.Offset, bad))
		if err := backoff.Sleep(ctx, pause.Next()); err != nil {
			return p, nil, err
		}
	}
	return p, bad, nil
}

// fatal reports whether an error does not go away by itself: something else
// is where a committed file belongs, a committed file is gone, a set is not
// readable, the user may not write there, the storage refuses the path or the
// user for good, a name is too long for any storage, the registry will not have
// it, or a bad record is not tolerated.
func fatal(err error) bool {
	var conflict *claim.ConflictError
	var lost *claim.LostError
	var report *reportError
	var registry *registryError
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, storage.ErrRefused) || errors.Is(err, errName) || errors.As(err, &registry) ||
		errors.Is(err, claim.ErrUnreadable) || errors.As(err, &conflict) || errors.As(err, &lost) ||
		errors.As(err, &report)
}

// reportError is the worker's refusal to go on after a bad record.
type reportError struct{ err error }

func (e *reportError) Error() string { return e.err.Error() }
func (e *reportError) Unwrap() error { return e.err }

// registryError is a [Registry]'s.
type registryError struct{ err error }

func (e *registryError) Error() string { return e.err.Error() }
func (e *registryError) Unwrap() error { return e.err }
