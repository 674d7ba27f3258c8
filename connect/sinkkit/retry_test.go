package sinkkit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect/sinkkit"
)

var errAway = errors.New("connection refused")

func TestWaitsGrowUntilThereIsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := sinkkit.Retry{First: 100 * time.Millisecond, Max: time.Second}
		want := func(longest time.Duration) {
			t.Helper()
			began := time.Now()
			if err := r.Again(t.Context(), errAway); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(began); got > longest || got < longest/2 {
				t.Errorf("wait of %v, want at most %v and at least half of it", got, longest)
			}
		}
		for _, ms := range []time.Duration{100, 200, 400, 800, 1000, 1000} {
			want(ms * time.Millisecond)
		}
		r.Progress()
		want(100 * time.Millisecond)
		if got := r.Tries(); got != 7 {
			t.Errorf("Tries = %d after progress, want 7", got)
		}
		r.Done(nil)
		want(100 * time.Millisecond)
		if got := r.Tries(); got != 1 {
			t.Errorf("Tries = %d after Done, want 1", got)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r := sinkkit.Retry{First: time.Hour}
		if err := r.Again(ctx, errAway); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Again = %v, want the context's error", err)
		}
	})
}

func TestOutageIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o := &sinkkit.Outage{Log: slog.New(slog.NewTextHandler(&log, nil)), Away: "it is away", Back: "it is back",
			Quiet: 10 * time.Second, Repeat: time.Minute}
		told := func(away, back int) {
			t.Helper()
			text := log.String()
			if a, b := strings.Count(text, "it is away"), strings.Count(text, "it is back"); a != away || b != back {
				t.Errorf("log has %d warnings and %d ends, want %d and %d:\n%s", a, b, away, back, text)
			}
		}
		first := &sinkkit.Retry{What: "write a", First: time.Second, Max: time.Second, Outage: o}
		second := &sinkkit.Retry{What: "write b", First: time.Second, Max: time.Second, Outage: o}
		for range 20 {
			first.Again(t.Context(), errAway)
			second.Again(t.Context(), errAway)
		}
		told(1, 0)
		for range 60 {
			first.Again(t.Context(), errAway)
		}
		told(2, 0)
		first.Done(nil)
		told(2, 0)
		second.Done(nil)
		told(2, 1)
		first.Done(nil) // it never failed
		told(2, 1)
		if text := log.String(); !strings.Contains(text, `what="write a" tries=1`) ||
			!strings.Contains(text, "connection refused") {
			t.Errorf("the warning names neither work nor cause: %s", log.String())
		}
	})
}

func TestOutageThatIsGivenUpIsNotOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o := &sinkkit.Outage{Log: slog.New(slog.NewTextHandler(&log, nil)), Away: "away", Back: "back"}
		r := &sinkkit.Retry{Outage: o}
		r.Again(t.Context(), errAway)
		r.Done(errAway)
		if strings.Contains(log.String(), "back") {
			t.Errorf("log = %s, want nothing about an end", log.String())
		}
	})
}

// A task says that it waits once the outside system has been away for ten seconds,
// and not of what is over sooner.
func TestOutageThatLastsIsWorthAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &sinkkit.Outage{Away: "the sea takes no water, trying again"}
		r := sinkkit.Retry{First: time.Second, Outage: o}
		if err := o.Waiting(); err != nil {
			t.Errorf("Waiting = %v before any failure, want nil", err)
		}
		began := time.Now()
		for time.Since(began) < 10*time.Second {
			if err := r.Again(t.Context(), errAway); err != nil {
				t.Fatal(err)
			}
			if err := o.Waiting(); (err != nil) != (time.Since(began) >= 10*time.Second) {
				t.Errorf("Waiting = %v after %v", err, time.Since(began))
			}
		}
		want := "the sea takes no water since " + began.UTC().Format(time.RFC3339) + ": connection refused"
		if err := o.Waiting(); err == nil || err.Error() != want || !errors.Is(err, errAway) {
			t.Errorf("Waiting = %v, want %s", err, want)
		}
		r.Done(nil)
		if err := o.Waiting(); err != nil {
			t.Errorf("Waiting = %v when it is over, want nil", err)
		}
	})
}
