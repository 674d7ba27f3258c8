package sourcetask

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/worker/internal/away"
	"github.com/suiro/suiro/connect/worker/internal/counts"
	"github.com/suiro/suiro/connect/worker/internal/pipeline"
	"github.com/suiro/suiro/internal/backoff"
)

var _ committer = (*periodic)(nil)

// periodic keeps offsets at each offset.flush.interval.ms. A crash repeats the
// records since the last time, and loses none.
type periodic struct {
	connector string
	store     backing.OffsetStore
	delivery  *delivery
	offsets   *offsets
	committed func([]backing.Entry) // told what is kept
	trouble   func(error)
	counts    *counts.Counters
	logger    *slog.Logger
	away      *away.Notice // while offsets cannot be kept
	interval  time.Duration
	timeout   time.Duration // of one Put
	next      time.Time     // when to keep offsets
}

func (p *periodic) open(ctx context.Context) error { return p.store.Refresh(ctx) }

func (*periodic) begin() error { return nil }

func (p *periodic) tick(ctx context.Context) error {
	if time.Now().Before(p.next) {
		return nil
	}
	p.next = time.Now().Add(p.interval)
	return p.commit(ctx)
}

func (p *periodic) flush(ctx context.Context) error {
	for {
		if err := p.delivery.flush(ctx); err != nil {
			return err
		}
		if err := p.commit(ctx); err != nil {
			return err
		}
		if p.offsets.pending() == 0 {
			return nil
		}
		// A dead letter is on its way.
		if err := backoff.Sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// cancel keeps what is acknowledged, which is safe at any time and spares the
// next life repeating it.
func (p *periodic) cancel(ctx context.Context) error {
	if err := p.commit(ctx); err != nil {
		p.logger.Warn("records since the last commit are read again", "error", err)
	}
	return nil
}

// commit tries until the store takes the offsets. Meanwhile nothing is polled,
// so that a full disk doesn't add to what a crash would repeat.
func (p *periodic) commit(ctx context.Context) error {
	entries := p.offsets.beginFlush()
	if len(entries) == 0 {
		return nil
	}
	pause := backoff.Backoff{First: pipeline.FirstRetry, Max: p.interval}
	for {
		began := time.Now()
		err := p.put(entries)
		p.counts.Commit(err)
		if err == nil {
			p.counts.Committing.Observe(time.Since(began))
		}
		if errors.Is(err, backing.ErrTooLarge) {
			return fmt.Errorf("keep source offsets: %w", err) // it would be at every try
		}
		p.trouble(err)
		if err == nil {
			p.away.Over()
			p.committed(entries)
			return nil
		}
		p.away.Failed(err)
		if backoff.Sleep(ctx, pause.Next()) != nil {
			p.offsets.cancelFlush(entries)
			return fmt.Errorf("keep source offsets: %w", err)
		}
	}
}

// put is not cut short by a stop, which would leave open what is kept, before
// the graceful time is over.
func (p *periodic) put(entries []backing.Entry) error {
	ctx, cancel := context.WithTimeout(p.delivery.records, p.timeout)
	defer cancel()
	return p.store.Put(ctx, p.connector, entries)
}
