package statuses

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// brokers take records, or not.
type brokers struct {
	mu    sync.Mutex
	away  error
	taken []string // key=value
}

func (b *brokers) write(_ context.Context, records ...*kgo.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return b.away
	}
	var err error
	for _, r := range records {
		if string(r.Value) == "huge" {
			err = fmt.Errorf("write: %w", kerr.MessageTooLarge)
			continue
		}
		b.taken = append(b.taken, string(r.Key)+"="+string(r.Value))
	}
	return err
}

func (b *brokers) set(away error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = away
}

func started(t *testing.T, b *brokers, log *strings.Builder) *sender {
	s := newSender(b.write, slog.New(slog.NewTextHandler(log, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { s.run(ctx) })
	t.Cleanup(func() {
		cancel()
		all.Wait()
	})
	return s
}

func TestTheLatestValueIsWrittenWhenBrokersAreBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &brokers{away: errors.New("no broker answers")}
		var log strings.Builder
		s := started(t, b, &log)
		for i := range 1000 {
			s.put("k", fmt.Append(nil, i), nil)
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := s.flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("flush = %v while brokers are away, want the error of its context", err)
		}
		b.set(nil)
		if err := s.flush(t.Context()); err != nil || !slices.Equal(b.taken, []string{"k=999"}) {
			t.Errorf("written = %q, %v, want the last value once", b.taken, err)
		}
		if n := strings.Count(log.String(), "cannot be written"); n == 0 || n > 120 {
			t.Errorf("%d lines about an outage of an hour, want some", n)
		}
	})
}

func TestARefusedStatusHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &brokers{}
		var log strings.Builder
		s := newSender(b.write, slog.New(slog.NewTextHandler(&log, nil)))
		for _, v := range []string{"a", "huge", "b"} {
			s.put("k-"+v, []byte(v), nil)
		}
		s.put("k-c", []byte("c"), func() bool { return false })
		if !s.step(t.Context()) {
			t.Error("step has left something to be tried again, want nothing")
		}
		slices.Sort(b.taken)
		if got, want := slices.Compact(b.taken), []string{"k-a=a", "k-b=b"}; !slices.Equal(got, want) {
			t.Errorf("written = %q, want %q", got, want)
		}
		if !strings.Contains(log.String(), "k-huge") {
			t.Errorf("log = %s, want the key that is refused", &log)
		}
	})
}
