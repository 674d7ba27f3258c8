//go:build integration

package app_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/kill/trial"
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
	for n, name := range []string{"ltsv-json", "server-stats"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startBroker(t, 31000+1000*n)
			o := trial.Options{App: appFlags(t, name)}
			if name == "server-stats" {
				stats(t, b.addr, o, []trial.Event{
					trial.Kill{Instance: 1, After: 2 * time.Second, Wipe: true},
					bounce{b, 1500 * time.Millisecond, time.Second},
				})
				return
			}
			tr := newTrial(t, b.addr, "bounce", o)
			// The second time the broker is away for longer than a transaction may last.
			events := []trial.Event{bounce{b, 2 * time.Second, time.Second}, bounce{b, 2 * time.Second, 12 * time.Second}}
			if err := tr.Run(t.Context(), events, nil); err != nil {
				t.Fatal(err)
			}
			checkIDs(t, tr, false)
		})
	}
}

// broker is a broker that a test may break.
type broker struct {
	addr string
	env  []string
}

// startBroker starts a broker on free ports from a number upwards.
func startBroker(t *testing.T, from int) *broker {
	t.Helper()
	base, err := freeBlock(from)
	if err != nil {
		t.Fatal(err)
	}
	b := &broker{
		addr: fmt.Sprintf("127.0.0.1:%d", base+10),
		env:  append(os.Environ(), fmt.Sprintf("SUIRO_SERVICES_PORT=%d", base), "SUIRO_SERVICES_STATE="+t.TempDir()),
	}
	t.Cleanup(func() {
		if err := b.do(context.Background(), "wipe"); err != nil {
			t.Error(err)
		}
	})
	if err := b.do(t.Context(), "up"); err != nil {
		t.Fatal(err)
	}
	return b
}

// do calls the script of the service.
func (b *broker) do(ctx context.Context, verb string) error {
	cmd := exec.CommandContext(ctx, "../../scripts/services/kafka.sh", verb)
	cmd.Env = b.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("kafka.sh %s: %w: %s", verb, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// freeBlock finds ports for a broker and its controller.
func freeBlock(from int) (int, error) {
	for base := from; base < from+1000; base += 20 {
		free := true
		for _, port := range []int{base + 10, base + 11} {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				free = false
				break
			}
			l.Close()
		}
		if free {
			return base, nil
		}
	}
	return 0, fmt.Errorf("no free ports from %d on", from)
}

// bounce kills the broker and starts it again.
type bounce struct {
	broker      *broker
	after, down time.Duration
}

func (e bounce) String() string {
	return fmt.Sprintf("kill the broker after %v for %v", e.after, e.down)
}

func (e bounce) Do(ctx context.Context, t *trial.Trial) error {
	if err := t.Sleep(ctx, e.after); err != nil {
		return err
	}
	if err := e.broker.do(ctx, "kill"); err != nil {
		return err
	}
	slept := t.Sleep(ctx, e.down)
	// A large process that was killed keeps its ports for a while.
	err := e.broker.do(ctx, "up")
	for tries := 0; err != nil && tries < 5; tries++ {
		if err := t.Sleep(ctx, time.Second); err != nil {
			return err
		}
		err = e.broker.do(ctx, "up")
	}
	return errors.Join(slept, err)
}
