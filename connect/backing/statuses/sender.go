package statuses

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/suiro/suiro/internal/outage"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// sender writes in the background, of each key the latest value alone, and again until
// it is taken. However long brokers are away, it holds one value for each key.
type sender struct {
	write  func(context.Context, ...*kgo.Record) error
	logger *slog.Logger
	away   *outage.Outage
	more   chan struct{} // has one element when something may wait

	mu      sync.Mutex // guards the rest
	waiting map[string]message
	puts    int           // how many there were
	written int           // up to which of them everything is written or was given up
	changed chan struct{} // closed, and replaced, when written changes
}

// message is a value that waits to be written; nil is a tombstone.
type message struct {
	value []byte
	may   func() bool // nil always may
}

func newSender(write func(context.Context, ...*kgo.Record) error, logger *slog.Logger) *sender {
	return &sender{write: write, logger: logger, more: make(chan struct{}, 1), waiting: map[string]message{},
		changed: make(chan struct{}), away: &outage.Outage{Log: logger, Away: "statuses cannot be written, trying again",
			Back: "statuses can be written again"}}
}

func (s *sender) put(key string, value []byte, may func() bool) {
	s.mu.Lock()
	s.waiting[key] = message{value, may}
	s.puts++
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// flush waits until what was put before is written.
func (s *sender) flush(ctx context.Context) error {
	s.mu.Lock()
	want := s.puts
	s.mu.Unlock()
	for {
		s.mu.Lock()
		written, changed := s.written, s.changed
		s.mu.Unlock()
		if written >= want {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return explain(ctx.Err())
		}
	}
}

func (s *sender) run(ctx context.Context) {
	pause := backoff.Backoff{First: 100 * time.Millisecond, Max: 10 * time.Second}
	for {
		select {
		case <-s.more:
		case <-ctx.Done():
			return
		}
		for !s.step(ctx) {
			if backoff.Sleep(ctx, pause.Next()) != nil {
				return
			}
		}
		pause.Reset()
	}
}

// step writes what waits, and reports whether nothing of it is left to be tried again.
func (s *sender) step(ctx context.Context) bool {
	s.mu.Lock()
	batch, upTo := s.waiting, s.puts
	s.waiting = map[string]message{}
	s.mu.Unlock()
	left := s.writeAll(ctx, batch)
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range left {
		if _, newer := s.waiting[key]; !newer {
			s.waiting[key] = batch[key]
		}
	}
	if len(left) > 0 {
		return false
	}
	s.written = upTo
	close(s.changed)
	s.changed = make(chan struct{})
	return true
}

// writeAll writes a batch and returns what is to be tried again. One that is refused
// must not hold up the others, so each is then written alone.
func (s *sender) writeAll(ctx context.Context, batch map[string]message) (left map[string]message) {
	left = map[string]message{}
	var records []*kgo.Record
	for key, m := range batch {
		if m.may == nil || m.may() {
			left[key] = m
			records = append(records, &kgo.Record{Key: []byte(key), Value: m.value})
		}
	}
	err := s.write(ctx, records...)
	if refused(err) {
		left, err = s.writeEach(ctx, left)
	}
	if err != nil {
		s.away.Failed(err)
		return left
	}
	s.away.Over()
	return nil
}

func (s *sender) writeEach(ctx context.Context, batch map[string]message) (left map[string]message, err error) {
	left = maps.Clone(batch)
	for key, m := range batch {
		err := s.write(ctx, &kgo.Record{Key: []byte(key), Value: m.value})
		if err != nil && !refused(err) {
			return left, err
		}
		if err != nil {
			s.logger.Error("a status is not written, as the status topic refuses it", "key", key, "error", err)
		}
		delete(left, key)
	}
	return nil, nil
}

// refused reports whether writing the same again is of no use.
func refused(err error) bool {
	var code *kerr.Error
	return errors.As(err, &code) && !code.Retriable
}
