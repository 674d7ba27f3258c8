package outage_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/internal/outage"
)

var errRefused = errors.New("connection refused")

// neighbour returns an outage and what it logs, without times.
func neighbour() (*outage.Outage, func() string) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
	return &outage.Outage{Log: log, Away: "it is away", Back: "it is back"}, out.String
}

func TestOutageHasOneWarningRemindersAndAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := neighbour()
		o.Over() // it was never away
		for range 130 {
			o.Failed(errRefused, "broker", "kafka1:9092")
			time.Sleep(time.Second)
		}
		o.Over()
		o.Over()
		want := `level=WARN msg="it is away" broker=kafka1:9092 error="connection refused"
level=WARN msg="it is away" broker=kafka1:9092 away=1m0s error="connection refused"
level=WARN msg="it is away" broker=kafka1:9092 away=2m0s error="connection refused"
level=INFO msg="it is back" away=2m10s
`
		if got := log(); got != want {
			t.Errorf("the log is\n%s\nwant\n%s", got, want)
		}
	})
}

func TestShortOutagesAfterAnotherAreQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := neighbour()
		for range 9 { // comes and goes, a second each
			o.Failed(errRefused)
			time.Sleep(time.Second)
			o.Over()
		}
		if got := strings.Count(log(), "\n"); got != 2 {
			t.Errorf("nine short outages within ten seconds have %d lines, want the two of the first:\n%s", got, log())
		}
		for range 5 { // this one stays
			o.Failed(errRefused)
			time.Sleep(time.Second)
		}
		o.Over()
		if got := strings.Count(log(), "\n"); got != 4 {
			t.Errorf("an outage that lasts has %d lines in all, want two more:\n%s", got, log())
		}
	})
}

func TestStateTellsSinceWhenAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := neighbour()
		if since, cause := o.State(); !since.IsZero() || cause != nil {
			t.Errorf("State of a neighbour that is there = %v, %v", since, cause)
		}
		began := time.Now()
		o.Failed(errors.New("reset"))
		time.Sleep(time.Second)
		o.Failed(errRefused)
		if since, cause := o.State(); !since.Equal(began) || !errors.Is(cause, errRefused) {
			t.Errorf("State = %v, %v, want the first failure's time %v and the last's error", since, cause, began)
		}
		o.Over()
		if since, cause := o.State(); !since.IsZero() || cause != nil {
			t.Errorf("State after the end = %v, %v", since, cause)
		}
	})
}

func TestGivingUpIsNotAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := neighbour()
		o.Failed(errRefused)
		o.GiveUp()
		o.Over()
		if got := log(); strings.Contains(got, "back") {
			t.Errorf("the log is %s, want nothing about an end", got)
		}
	})
}

func TestNilOutageIsQuiet(t *testing.T) {
	var o *outage.Outage
	o.Failed(errRefused)
	o.Over()
	o.GiveUp()
	if since, cause := o.State(); !since.IsZero() || cause != nil {
		t.Errorf("State = %v, %v, want none", since, cause)
	}
}
