//go:build integration

package app_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kill/trial"
	"github.com/suiro/suiro/internal/servicetest"
)

// A process that is suspended for longer than its session continues as a zombie in
// an open transaction, after another process has taken over. It must not write what
// the other one wrote, and it must join the group again.
func TestFrozenAppWritesEachRecordOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		instances int
	}{{"another takes over", 2}, {"nobody else is there", 1}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr := newTrial(t, kafka(t), "freeze", trial.Options{App: appFlags(t, "ltsv-json"), Processes: c.instances})
			events := []trial.Event{
				trial.Freeze{Instance: 1, After: 450 * time.Millisecond, For: session + 2*time.Second},
				trial.Freeze{Instance: c.instances, After: 770 * time.Millisecond, For: session + 2*time.Second},
			}
			if err := tr.Run(t.Context(), events, nil); err != nil {
				t.Fatal(err)
			}
			checkIDs(t, tr, false)
		})
	}
}

// A broker that is killed and starts again costs only time, also when it is killed
// while the app recovers.
func TestBrokerCrashLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	kafka(t) // says what is needed; these brokers are the tests' own
	for _, name := range []string{"ltsv-json", "server-stats"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := servicetest.Own(t)
			own.Run("kafka.sh", "up")
			o := trial.Options{App: appFlags(t, name)}
			if name == "server-stats" {
				stats(t, own.Kafka(), o, []trial.Event{
					trial.Kill{Instance: 1, After: 2 * time.Second, Wipe: true},
					bounce{own, "1", 1500 * time.Millisecond, time.Second},
				})
				return
			}
			tr := newTrial(t, own.Kafka(), "bounce", o)
			// The second time the broker is away for longer than a transaction may last.
			events := []trial.Event{
				bounce{own, "1", 2 * time.Second, time.Second}, bounce{own, "1", 2 * time.Second, 12 * time.Second},
			}
			if err := tr.Run(t.Context(), events, nil); err != nil {
				t.Fatal(err)
			}
			checkIDs(t, tr, false)
		})
	}
}

// One broker of three is killed after the other. Each leads a third of the partitions, and
// coordinates some of the groups and transactions, which move to those that are left.
func TestLeadersMoveAndNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	kafka(t) // says what is needed
	own := servicetest.Own(t, "SUIRO_KAFKA_BROKERS=3", "SUIRO_KAFKA_HEAP=-Xms128m -Xmx384m")
	own.Run("kafka.sh", "up")
	// The way to the brokers is the second one, as the first is killed first.
	stats(t, own.Brokers()[1], trial.Options{App: appFlags(t, "server-stats"), Processes: 2}, []trial.Event{
		bounce{own, "1", 2 * time.Second, 3 * time.Second},
		bounce{own, "3", 2 * time.Second, 3 * time.Second},
		trial.Kill{Instance: 1, After: 500 * time.Millisecond, Wipe: true},
	})
}

// bounce kills a broker and starts it again.
type bounce struct {
	own         *servicetest.Services
	broker      string // its number
	after, down time.Duration
}

func (e bounce) String() string {
	return fmt.Sprintf("kill broker %s after %v for %v", e.broker, e.after, e.down)
}

func (e bounce) Do(ctx context.Context, t *trial.Trial) error {
	if err := t.Sleep(ctx, e.after); err != nil {
		return err
	}
	if _, err := e.own.Try("kafka.sh", "kill", e.broker); err != nil {
		return err
	}
	slept := t.Sleep(ctx, e.down)
	// A large process that was killed keeps its ports for a while.
	_, err := e.own.Try("kafka.sh", "up")
	for tries := 0; err != nil && tries < 5; tries++ {
		if err := t.Sleep(ctx, time.Second); err != nil {
			return err
		}
		_, err = e.own.Try("kafka.sh", "up")
	}
	return errors.Join(slept, err)
}
