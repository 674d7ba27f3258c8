package trial

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"time"
)

// Event is one thing that happens to the app while it works. Do returns when
// it is over.
type Event interface {
	Do(ctx context.Context, t *Trial) error
	// String says what happens, for a log.
	String() string
}

// Kill kills an instance and starts it again.
type Kill struct {
	// Instance counts from 1.
	Instance int
	// After is how long the instance works before.
	After time.Duration
	// Blind does not wait until the instance works: it may be killed during a
	// recovery.
	Blind bool
	// Down is how long it stays away.
	Down time.Duration
	// Wipe deletes its local state.
	Wipe bool
}

// String says what happens.
func (k Kill) String() string {
	s := fmt.Sprintf("kill instance %d after %v", k.Instance, k.After.Round(time.Millisecond))
	if k.Blind {
		s += " of its start"
	}
	if k.Wipe {
		s += ", wipe its state"
	}
	return fmt.Sprintf("%s, start it again after %v", s, k.Down.Round(time.Millisecond))
}

// Do kills the instance.
func (k Kill) Do(ctx context.Context, t *Trial) error {
	if !k.Blind {
		if err := t.Working(ctx); err != nil {
			return err
		}
	}
	if err := t.Sleep(ctx, k.After); err != nil {
		return err
	}
	i := t.Instances[k.Instance-1]
	if err := i.Kill(); err != nil {
		return err
	}
	t.Outcome.Kills++
	if t.inTransaction(ctx, i) {
		t.Outcome.InTransaction++
		t.say("  in an open transaction")
	}
	if k.Wipe {
		if err := os.RemoveAll(i.State); err != nil {
			return err
		}
	}
	if err := t.Sleep(ctx, k.Down); err != nil {
		return err
	}
	return i.Start()
}

// Join starts an instance that is not running.
type Join struct {
	// Instance is the number of the instance, from 1.
	Instance int
	// After is the time to wait first.
	After time.Duration
}

// String says what happens.
func (j Join) String() string {
	return fmt.Sprintf("instance %d joins after %v", j.Instance, j.After.Round(time.Millisecond))
}

// Do starts the instance.
func (j Join) Do(ctx context.Context, t *Trial) error {
	t.Outcome.Joins++
	if err := t.Sleep(ctx, j.After); err != nil {
		return err
	}
	return t.Instances[j.Instance-1].Start()
}

// Leave stops an instance as its operator would.
type Leave struct {
	// Instance is the number of the instance, from 1.
	Instance int
	// After is the time to wait first.
	After time.Duration
}

// String says what happens.
func (l Leave) String() string {
	return fmt.Sprintf("instance %d leaves after %v", l.Instance, l.After.Round(time.Millisecond))
}

// Do stops the instance.
func (l Leave) Do(ctx context.Context, t *Trial) error {
	t.Outcome.Leaves++
	if err := t.Sleep(ctx, l.After); err != nil {
		return err
	}
	return t.Instances[l.Instance-1].Stop()
}

// Freeze suspends an instance, as a long pause does, and lets it continue as a
// zombie that believes it still owns its partitions.
type Freeze struct {
	// Instance is the number of the instance, from 1.
	Instance int
	// After is the time to wait first.
	After time.Duration
	// For is how long the instance stays frozen.
	For time.Duration
}

// String says what happens.
func (f Freeze) String() string {
	return fmt.Sprintf("freeze instance %d after %v for %v", f.Instance, f.After.Round(time.Millisecond),
		f.For.Round(time.Millisecond))
}

// Do freezes the instance.
func (f Freeze) Do(ctx context.Context, t *Trial) error {
	if err := t.Working(ctx); err != nil {
		return err
	}
	if err := t.Sleep(ctx, f.After); err != nil {
		return err
	}
	i := t.Instances[f.Instance-1]
	if err := i.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	t.Outcome.Freezes++
	if t.inTransaction(ctx, i) {
		t.Outcome.InTransaction++
		t.say("  in an open transaction")
	}
	slept := t.Sleep(ctx, f.For)
	if err := i.Signal(syscall.SIGCONT); err != nil {
		return err
	}
	return slept
}

// Rest waits until the app has processed what it was fed, and a while longer.
type Rest struct {
	// For is how much longer.
	For time.Duration
}

// String says what happens.
func (r Rest) String() string {
	return fmt.Sprintf("let the app come to rest for %v", r.For.Round(time.Millisecond))
}

// Do waits.
func (r Rest) Do(ctx context.Context, t *Trial) error {
	if err := t.until(ctx, func() (bool, error) { return t.caughtUp(ctx) }); err != nil {
		return err
	}
	return t.Sleep(ctx, r.For)
}

// Wipe says when a kill deletes the local state.
type Wipe string

// The values of Wipe.
const (
	WipeNever     Wipe = "never"
	WipeAlways    Wipe = "always"
	WipeAlternate Wipe = "alternate"
)

// Plan describes the events to choose.
type Plan struct {
	// Kills is how many times to kill an instance. Default: never.
	Kills int
	// Freezes is how many times to freeze one. Default: never.
	Freezes int
	// Instances is how many run, or may run with Churn.
	Instances int
	// Churn lets instances beyond the first join and leave.
	Churn bool
	// Wipe is when a killed instance loses its state.
	Wipe Wipe
	// Interval is the longest that an instance works before it is killed.
	Interval time.Duration
	// Session is how long a dead instance keeps its partitions; some stay away
	// longer when there are others to take over.
	Session time.Duration
}

// Events chooses the events.
func (p Plan) Events(r *rand.Rand) []Event {
	var events []Event
	present := make([]bool, p.Instances)
	for i := range present {
		present[i] = i == 0 || !p.Churn
	}
	within := func(d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d) + 1)) }
	for n := range p.Kills {
		if p.Churn && r.IntN(3) > 0 {
			i := 1 + r.IntN(p.Instances-1)
			if present[i] {
				events = append(events, Leave{i + 1, within(p.Interval)})
			} else {
				events = append(events, Join{i + 1, within(p.Interval)})
			}
			present[i] = !present[i]
		}
		i := r.IntN(p.Instances)
		for !present[i] {
			i = r.IntN(p.Instances)
		}
		k := Kill{Instance: i + 1, After: within(p.Interval), Blind: r.IntN(4) == 0,
			Wipe: p.Wipe == WipeAlways || p.Wipe == WipeAlternate && n%2 == 1}
		if p.Instances > 1 && r.IntN(3) == 0 {
			k.Down = within(2 * p.Session)
		}
		events = append(events, k)
		if (n+1)*p.Freezes/p.Kills > n*p.Freezes/p.Kills {
			events = append(events, Freeze{i + 1, within(p.Interval), p.Session + within(p.Session)})
		}
	}
	return events
}
