package group_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/group"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

// cluster is what all workers of a test read from the config topic.
type cluster struct {
	mu    sync.Mutex
	state group.State
}

func (c *cluster) get(context.Context) (group.State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, nil
}

// worker is a herder that holds what it is told to, as fast as it can.
type worker struct {
	*group.Member
	name    string
	mu      sync.Mutex
	last    group.Assignment
	joins   int
	stopped map[api.TaskID]int // how often a task was taken away
	cancel  context.CancelFunc
	done    chan struct{}
}

// start runs a worker until stop.
func start(t *testing.T, brokers []string, name string, c *cluster, change func(*group.Options)) *worker {
	t.Helper()
	return startIn(t, brokers, name, c.get, change)
}

// startIn is start with another source of the state.
func startIn(
	t *testing.T, brokers []string, name string, state func(context.Context) (group.State, error),
	change func(*group.Options),
) *worker {
	t.Helper()
	o := group.Options{Group: "connect-cluster", URL: "http://" + name, State: state, Protocol: group.Sessioned,
		SessionTimeout: 6 * time.Second, Heartbeat: 20 * time.Millisecond, RebalanceTimeout: 10 * time.Second}
	if change != nil {
		change(&o)
	}
	cl := kafkatest.Client(t, brokers, kgo.ClientID(name))
	ctx, cancel := context.WithCancel(context.Background())
	w := &worker{Member: group.New(cl, o), name: name, stopped: map[api.TaskID]int{}, cancel: cancel,
		done: make(chan struct{})}
	go w.run(ctx, o.State)
	t.Cleanup(w.stop)
	return w
}

func (w *worker) run(ctx context.Context, state func(context.Context) (group.State, error)) {
	defer close(w.done)
	var held group.Work
	for ctx.Err() == nil {
		s, _ := state(ctx)
		a, err := w.Join(ctx, s.Offset, held)
		if err != nil {
			continue
		}
		held = a.Owned
		w.note(a)
		if a.Again {
			continue
		}
		var delayed <-chan time.Time
		if a.Delay > 0 {
			delayed = time.After(a.Delay)
		}
		select {
		case <-ctx.Done():
		case <-delayed:
		case <-w.Rejoin():
			if a.Protocol == group.Eager {
				held = group.Work{}
			}
		}
	}
}

func (w *worker) note(a group.Assignment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = a
	w.joins++
	for _, id := range a.Revoked.Tasks {
		w.stopped[id]++
	}
}

// now is the last assignment.
func (w *worker) now() group.Assignment {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// stop leaves the group.
func (w *worker) stop() {
	w.cancel()
	<-w.done
	_ = w.Leave(context.Background())
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	kafkatest.Eventually(t, what, ok)
}

// settled reports whether the workers have each connector and task once, nothing
// else, and none has two more of a kind than another.
func settled(s group.State, workers ...*worker) bool {
	var connectors []string
	var tasks []api.TaskID
	counts := make([][2]int, 0, len(workers))
	for _, w := range workers {
		a := w.now()
		if w.Standing() != group.Stable || a.Delay != 0 {
			return false
		}
		connectors, tasks = append(connectors, a.Owned.Connectors...), append(tasks, a.Owned.Tasks...)
		counts = append(counts, [2]int{len(a.Owned.Connectors), len(a.Owned.Tasks)})
	}
	for _, a := range counts {
		for _, b := range counts {
			if a[0]-b[0] > 1 || a[1]-b[1] > 1 {
				return false
			}
		}
	}
	slices.Sort(connectors)
	n := 0
	for _, tasks := range s.Tasks {
		n += tasks
	}
	distinct := map[api.TaskID]bool{}
	for _, id := range tasks {
		distinct[id] = true
	}
	return len(slices.Compact(connectors)) == len(s.Tasks) && len(distinct) == n && len(tasks) == n
}

func state(offset int64, connectors, tasks int) group.State {
	s := group.State{Offset: offset, Tasks: map[string]int{}}
	for i := range connectors {
		s.Tasks[fmt.Sprintf("c%d", i)] = tasks
	}
	return s
}

func TestWorkersShareTheWorkAndARebalanceStopsOnlyWhatMoves(t *testing.T) {
	for _, p := range []group.Protocol{group.Compatible, group.Sessioned} {
		t.Run(p.String(), func(t *testing.T) {
			k, c := kafkatest.Start(t), &cluster{state: state(7, 3, 4)}
			with := func(o *group.Options) { o.Protocol = p }
			a := start(t, k.ListenAddrs(), "a:1", c, with)
			eventually(t, "the first has all", func() bool { return settled(c.state, a) })
			b := start(t, k.ListenAddrs(), "b:1", c, with)
			eventually(t, "both share", func() bool { return settled(c.state, a, b) })
			if got, want := len(a.stopped), 6; got != want {
				t.Errorf("the first worker stopped %d tasks, want %d", got, want)
			}
			for _, w := range []*worker{a, b} {
				got := w.now()
				if got.Protocol != p || got.ConfigOffset != 7 || got.LeaderURL != "http://a:1" {
					t.Errorf("assignment of %s = %+v, want protocol %v, offset 7 and leader http://a:1", w.name, got, p)
				}
			}
			// The first worker owns the same after the round in which it revoked and the one in
			// which the second worker got what was revoked.
			eventually(t, "the first knows that the second has its connectors", func() bool {
				url, ok := a.now().Owner(b.now().Owned.Connectors[0])
				return ok && url == "http://b:1"
			})
			b.stop()
			eventually(t, "the first has all again", func() bool { return settled(c.state, a) })
		})
	}
}

func TestWorkersOfTheEagerProtocolShareTheWork(t *testing.T) {
	k, c := kafkatest.Start(t), &cluster{state: state(7, 3, 4)}
	a := start(t, k.ListenAddrs(), "a:1", c, nil)
	eventually(t, "the first has all", func() bool { return settled(c.state, a) })
	b := start(t, k.ListenAddrs(), "b:1", c, func(o *group.Options) { o.Protocol = group.Eager })
	eventually(t, "both share", func() bool { return settled(c.state, a, b) })
	if got := a.now().Protocol; got != group.Eager {
		t.Errorf("protocol = %v, want eager: the best that both have", got)
	}
}

// One of four tasks is as busy as the three others together, so that two workers have one
// and three of them, whether they come at once or one after the other. A worker that
// does not divide by loads, as a Java worker, has the group go by number again.
func TestWorkersThatAllSayHowBusyTheirTasksAreDivideThemByThat(t *testing.T) {
	k, c := kafkatest.Start(t), &cluster{state: state(7, 1, 4)}
	by := func(o *group.Options) {
		o.Protocol, o.LoadPause = group.Load, 50*time.Millisecond
		o.Loads = func() map[api.TaskID]int64 {
			return map[api.TaskID]int64{{Connector: "c0"}: 9000, {Connector: "c0", Task: 1}: 3000,
				{Connector: "c0", Task: 2}: 3000, {Connector: "c0", Task: 3}: 3000}
		}
	}
	a := start(t, k.ListenAddrs(), "a:1", c, by)
	b := start(t, k.ListenAddrs(), "b:1", c, by)
	has := func(w *worker) int { return len(w.now().Owned.Tasks) }
	eventually(t, "one task and three", func() bool {
		return a.now().Protocol == group.Load && has(a)+has(b) == 4 && max(has(a), has(b)) == 3
	})
	java := start(t, k.ListenAddrs(), "java:1", c, nil)
	eventually(t, "a fair number on each", func() bool {
		return java.now().Protocol == group.Sessioned && settled(c.state, a, b, java)
	})
}

func TestAWorkerThatLeavesTwiceOrNeverJoinedLeavesQuietly(t *testing.T) {
	k := kafkatest.Start(t)
	m := group.New(kafkatest.Client(t, k.ListenAddrs()), group.Options{Group: "g", URL: "http://a:1"})
	for range 2 {
		if err := m.Leave(t.Context()); err != nil {
			t.Errorf("Leave = %v, want nil", err)
		}
	}
	if got := m.Standing(); got != group.Out {
		t.Errorf("standing = %v, want out", got)
	}
}

func TestJoinEndsWithItsContext(t *testing.T) {
	m := group.New(kafkatest.Client(t, []string{"127.0.0.1:1"}), group.Options{Group: "g", URL: "http://a:1"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Join(ctx, 0, group.Work{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Join = %v, want context.Canceled", err)
	}
}
