package lives_test

import (
	"context"
	"errors"
	"testing"

	"github.com/suiro/suiro/connect/worker/internal/lives"
)

func TestGateLetsGoOnWhoWaits(t *testing.T) {
	g := lives.NewGate(true)
	_, changed := g.Paused()
	waited := make(chan error, 1)
	go func() { waited <- g.Wait(t.Context()) }()
	g.Set(true) // no change
	select {
	case <-changed:
		t.Error("pausing what is paused is told as a change")
	case err := <-waited:
		t.Errorf("Wait = %v before the gate was opened", err)
	default:
	}
	g.Set(false)
	<-changed
	if err := <-waited; err != nil {
		t.Errorf("Wait = %v, want none", err)
	}
	g.Set(true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait = %v, want the end of its context", err)
	}
}
