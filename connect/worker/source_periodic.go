package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect/backing"
)

var _ keeper = (*periodic)(nil)

// periodic keeps offsets at each offset.flush.interval.ms. A crash repeats the
// records since the last time, and loses none.
type periodic struct {
	s  *sourceRun
	at time.Time
}

func (p *periodic) open(ctx context.Context) error { return p.s.worker.offsets.Refresh(ctx) }

func (*periodic) begin() error { return nil }

func (p *periodic) tick(ctx context.Context) error {
	if time.Now().Before(p.at) {
		return nil
	}
	p.at = time.Now().Add(p.s.flushInterval)
	return p.keep(ctx)
}

func (p *periodic) flush(ctx context.Context) error {
	if err := p.s.cl.Flush(ctx); err != nil {
		return fmt.Errorf("wait for kafka to acknowledge: %w", err)
	}
	for {
		if err := p.s.sendAlone(ctx); err != nil {
			return err
		}
		if err := p.s.failure(); err != nil {
			return err
		}
		if err := p.keep(ctx); err != nil {
			return err
		}
		if p.s.counts.uncommitted.Load() == 0 {
			return nil
		}
		// A dead letter is on its way.
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// abandon keeps what is acknowledged, which is safe at any time and spares the
// next life repeating it.
func (p *periodic) abandon(ctx context.Context) error {
	if err := p.keep(ctx); err != nil {
		p.s.logger.Warn("records since the last commit are read again", "error", err)
	}
	return nil
}

// keep tries until the store takes the offsets. Meanwhile nothing is polled,
// so that a full disk doesn't add to what a crash would repeat.
func (p *periodic) keep(ctx context.Context) error {
	entries := p.s.take()
	if len(entries) == 0 {
		return nil
	}
	pause := backoff{first: p.s.retryFirst, max: p.s.flushInterval}
	for {
		err := p.put(entries)
		p.s.counts.committed(err)
		p.s.self.trouble(err)
		if err == nil {
			p.s.kept(entries)
			return nil
		}
		wait := pause.next()
		p.s.logger.Error("keep source offsets", "error", err, "pause", wait.Round(time.Millisecond))
		if sleep(ctx, wait) != nil {
			p.s.untake(entries)
			return fmt.Errorf("keep source offsets: %w", err)
		}
	}
}

// put is not cut short by a stop, which would leave open what is kept, before
// the graceful time is over.
func (p *periodic) put(entries []backing.Entry) error {
	ctx, cancel := context.WithTimeout(p.s.life, p.s.flushTimeout)
	defer cancel()
	return p.s.worker.offsets.Put(ctx, p.s.conn.Name, entries)
}
