package worker

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// slowKeeper fails to keep anything, for want of time.
type slowKeeper struct{ given []context.Context }

func (*slowKeeper) open(context.Context) error { return nil }
func (*slowKeeper) begin() error               { return nil }
func (*slowKeeper) tick(context.Context) error { return nil }

func (k *slowKeeper) flush(ctx context.Context) error {
	k.given = append(k.given, ctx)
	return errors.New("the broker is away")
}

func (k *slowKeeper) abandon(ctx context.Context) error {
	k.given = append(k.given, ctx)
	return nil
}

// All that a stopping task does shares one graceful time, which began when it
// was told to stop.
func TestStoppingSourceTaskHasOneGracefulTime(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	k := &slowKeeper{}
	s := &sourceRun{env: &env{graceful: time.Hour, logger: slog.New(slog.DiscardHandler)}, keeper: k}
	over := s.outlive(ctx)
	stop()
	s.finish(ctx)
	if len(k.given) != 2 || k.given[0].Err() != nil || k.given[1].Err() != nil {
		t.Fatalf("flush and abandon were given %v, want time", k.given)
	}
	over()
	for i, c := range k.given {
		if c.Err() == nil {
			t.Errorf("call %d goes on when the graceful time is over", i)
		}
	}
}
