// Package outage keeps the log readable while a neighbour is away: one warning
// when it goes, a reminder each minute, and one line when it is back, which says
// how long it was away.
//
//	away := &outage.Outage{Log: log, Away: "elasticsearch cannot be reached, trying again",
//		Back: "elasticsearch can be reached again"}
//	for {
//		err := ask()
//		if err == nil {
//			away.Over()
//			break
//		}
//		away.Failed(err)
//		…
//	}
package outage

import (
	"log/slog"
	"sync"
	"time"
)

// The defaults of an [Outage].
const (
	defaultQuiet  = 10 * time.Second
	defaultRepeat = time.Minute
)

// Outage is what is known of a neighbour that may be away. The fields are set
// before the first use; then it may be used from any goroutine. A nil Outage logs
// nothing.
type Outage struct {
	// Log takes the messages. Default nil: nothing is logged.
	Log *slog.Logger
	// Away is the message of the warning and of the reminders, for instance "kafka
	// cannot be reached, trying again".
	Away string
	// Back is the message when it is over, for instance "kafka can be reached
	// again".
	Back string
	// Quiet is the least time between two warnings, also of two outages. An outage
	// that is over sooner is not logged at all. Default: ten seconds.
	Quiet time.Duration
	// Repeat is how long after a warning the next one comes while the outage
	// lasts. Default: a minute.
	Repeat time.Duration

	mu     sync.Mutex // guards the rest
	since  time.Time  // of the first failure; zero: not away
	cause  error      // the last one
	warned time.Time  // when the last warning was logged, of any outage
	told   bool       // a warning of this outage was logged
}

// Failed notes that the neighbour did not answer, or answered that it cannot do
// its work. The first call begins an outage. The attributes are added to the
// warning if there is one.
func (o *Outage) Failed(cause error, attrs ...any) {
	if o == nil {
		return
	}
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		o.since = now
	}
	o.cause = cause
	if !o.warns(now) {
		return
	}
	if o.told {
		attrs = append(attrs, "away", round(now.Sub(o.since)))
	}
	o.warned, o.told = now, true
	if o.Log != nil {
		o.Log.Warn(o.Away, append(attrs, "error", cause)...)
	}
}

// warns reports whether a failure at this time is worth a line. o.mu is held.
func (o *Outage) warns(now time.Time) bool {
	if o.warned.IsZero() {
		return true
	}
	since := now.Sub(o.warned)
	return since >= orDefault(o.Quiet, defaultQuiet) && (!o.told || since >= orDefault(o.Repeat, defaultRepeat))
}

// Over notes that the neighbour is there. It may be called as often as it answers;
// only the end of an outage that was logged is logged.
func (o *Outage) Over(attrs ...any) {
	if away, told := o.end(); told && o.Log != nil {
		o.Log.Info(o.Back, append(attrs, "away", round(away))...)
	}
}

// GiveUp ends the outage although the neighbour is not back, as nobody asks it any
// more. Nothing is logged.
func (o *Outage) GiveUp() { o.end() }

// end forgets the outage. It returns how long it lasted and whether it was logged.
func (o *Outage) end() (away time.Duration, told bool) {
	if o == nil {
		return 0, false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0, false
	}
	away, told = time.Since(o.since), o.told
	o.since, o.cause, o.told = time.Time{}, nil, false
	return away, told
}

// State returns when the outage began and why the last try failed, or a zero time
// and nil when there is none.
func (o *Outage) State() (since time.Time, cause error) {
	if o == nil {
		return time.Time{}, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.since, o.cause
}

func orDefault(d, def time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return def
}

// round leaves what a reader of a log line wants to know of a time.
func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}
