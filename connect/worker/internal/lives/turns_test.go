package lives_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/suiro/suiro/connect/worker/internal/lives"
)

func TestTurnsLetNoMoreThanTheirNumberInAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns, leave := lives.NewTurns(2), make(chan struct{})
		var in atomic.Int32
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				_ = turns.Do(t.Context(), func() error {
					in.Add(1)
					defer in.Add(-1)
					<-leave
					return nil
				})
			})
		}
		synctest.Wait()
		if got := in.Load(); got != 2 {
			t.Errorf("%d have a turn, want 2", got)
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		err := turns.Do(stopped, func() error { return errors.New("called") })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Do = %v when it is told to stop and has no turn, want %v", err, context.Canceled)
		}
		close(leave)
		all.Wait()
	})
}

func TestTurnsEndWithAnErrorOrAPanic(t *testing.T) {
	turns, want := lives.NewTurns(1), errors.New("wrong")
	for range 2 {
		if err := turns.Do(t.Context(), func() error { return want }); !errors.Is(err, want) {
			t.Errorf("Do = %v, want %v", err, want)
		}
		err := lives.Protect(func() error { return turns.Do(t.Context(), func() error { panic("wrong") }) })
		if !lives.HasPanicked(err) {
			t.Errorf("Do = %v, want a panic", err)
		}
	}
}

func TestNoTurnsBoundNothing(t *testing.T) {
	var none lives.Turns
	nested := func() error { return none.Do(t.Context(), func() error { return nil }) }
	if err := none.Do(t.Context(), nested); err != nil {
		t.Errorf("Do = %v, want nil", err)
	}
}
