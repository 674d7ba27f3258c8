package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/topology"
)

// launch makes an app with options, and runs it when run is called.
func launch(t *testing.T, topo *topology.Topology, brokers []string, o *app.Options) *watched {
	t.Helper()
	w := &watched{t: t, log: &journal{}, done: make(chan error, 1)}
	o.Logger = logger(t)
	var err error
	w.App, err = app.New(topo, map[string]string{
		"application.id": "crew", "bootstrap.servers": strings.Join(brokers, ","), "state.dir": t.TempDir(),
		"session.timeout.ms": "6000", "heartbeat.interval.ms": "200",
	}, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// threads returns how many tasks each thread has, by the number of the thread.
func threads(t *testing.T, a *app.App) map[string]int {
	t.Helper()
	families, err := a.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, f := range families {
		if f.GetName() != "kafka_streams_thread_tasks" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "thread_id" {
					name := l.GetValue()
					out[name[strings.LastIndex(name, "-")+1:]] = int(m.GetGauge().GetValue())
				}
			}
		}
	}
	return out
}

// Threads come and go while records are processed, and each record counts once.
func TestThreadsAreAddedAndRemovedWhileRunning(t *testing.T) {
	brokers := cluster(t, "in", "out")
	w := launch(t, upper(t), brokers, &app.Options{})
	if _, err := w.AddThread(); err == nil {
		t.Error("a thread is added to an app that does not run, want an error")
	}
	w.run()
	w.until(app.Running)
	produce(t, brokers, "in", 0, 500)
	name, err := w.AddThread()
	if err != nil || !strings.HasSuffix(name, "-2") {
		t.Fatalf("AddThread = %q, %v, want the second one", name, err)
	}
	kafkatest.Eventually(t, "both threads have two tasks", func() bool {
		at := threads(t, w.App)
		return at["1"] == 2 && at["2"] == 2 && w.State() == app.Running
	})
	produce(t, brokers, "in", 500, 500)
	if name, err := w.RemoveThread(t.Context()); err != nil || !strings.HasSuffix(name, "-2") {
		t.Fatalf("RemoveThread = %q, %v, want the second one", name, err)
	}
	kafkatest.Eventually(t, "the first thread has all tasks", func() bool {
		at := threads(t, w.App)
		return len(at) == 1 && at["1"] == 4 && w.State() == app.Running
	})
	if _, err := w.RemoveThread(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.RemoveThread(t.Context()); err == nil {
		t.Error("a third thread is removed, want an error")
	}
	produce(t, brokers, "in", 1000, 500)
	if name, err := w.AddThread(); err != nil || !strings.HasSuffix(name, "-1") {
		t.Fatalf("AddThread = %q, %v, want the first one again", name, err)
	}
	got := kafkatest.Values(kafkatest.Consume(t, brokers, "out", 1500))
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != 1500 {
		t.Errorf("%d different records, want 1500", n)
	}
	if err := w.end(); err != nil {
		t.Error(err)
	}
	if _, err := w.AddThread(); err == nil {
		t.Error("a thread is added to an app that has ended, want an error")
	}
}

// A paused app processes nothing, stays in its group, and goes on where it was.
func TestPauseAndResume(t *testing.T) {
	brokers := cluster(t, "in", "out")
	var paused, early atomic.Bool
	w := launch(t, build(t, func(in *words) {
		toOut(streams.MapValues(in, func(v string) (string, error) {
			if paused.Load() {
				early.Store(true)
			}
			return v, nil
		}))
	}), brokers, &app.Options{})
	w.run()
	w.until(app.Running)
	produce(t, brokers, "in", 0, 100)
	kafkatest.Consume(t, brokers, "out", 100)
	w.Pause()
	paused.Store(true)
	w.shows("paused", 200, "healthy", "RUNNING", 503, "paused")
	produce(t, brokers, "in", 100, 100)
	if _, err := w.AddThread(); err != nil { // it takes part in rebalances meanwhile
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "both threads have two tasks", func() bool {
		at := threads(t, w.App)
		return at["1"] == 2 && at["2"] == 2 && w.State() == app.Running
	})
	paused.Store(false)
	w.Resume()
	got := kafkatest.Values(kafkatest.Consume(t, brokers, "out", 200))
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != 200 || early.Load() {
		t.Errorf("%d different records, want 200; processed while the app was paused: %v, want false", n, early.Load())
	}
	w.shows("resumed", 200, "healthy", "RUNNING", 200)
	if err := w.end(); err != nil {
		t.Error(err)
	}
}

// told collects changes of state.
type told struct {
	mu  sync.Mutex
	all []string
}

func (c *told) add(now, was app.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) == 0 {
		c.all = append(c.all, was.String())
	}
	c.all = append(c.all, now.String())
}

func TestListenersHearOfEachState(t *testing.T) {
	brokers := cluster(t, "in", "out")
	var states told
	w := launch(t, upper(t), brokers, &app.Options{OnState: states.add})
	w.run()
	w.until(app.Running)
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	same(t, "states", states.all, []string{"CREATED", "REBALANCING", "RUNNING", "PENDING_SHUTDOWN", "NOT_RUNNING"})

	states = told{}
	w = launch(t, build(t, func(in *words) {
		toOut(streams.MapValues(in, func(string) (string, error) { return "", errBad }))
	}), brokers, &app.Options{OnState: states.add})
	w.run()
	w.until(app.Running)
	produce(t, brokers, "in", 0, 1)
	if err := <-w.done; !errors.Is(err, errBad) {
		t.Fatalf("the app ended with %v, want the error of the function", err)
	}
	same(t, "states at first", states.all[:3], []string{"CREATED", "REBALANCING", "RUNNING"})
	// In between, while the thread that has failed leaves its group, it may be REBALANCING.
	same(t, "states at last", states.all[len(states.all)-2:], []string{"PENDING_ERROR", "ERROR"})
}

// A handler may want a thread that has failed to be replaced: the record comes again.
func TestUncaughtErrorsMayReplaceTheThread(t *testing.T) {
	brokers := cluster(t, "in", "out")
	var failed, asked atomic.Int32
	w := launch(t, build(t, func(in *words) {
		toOut(streams.MapValues(in, func(v string) (string, error) {
			if failed.Add(1) == 1 {
				panic(errBad)
			}
			return v, nil
		}))
	}), brokers, &app.Options{Handlers: handlers.Handlers{Uncaught: func(err error) handlers.ThreadResponse {
		asked.Add(1)
		if !errors.Is(err, errBad) || !errors.Is(err, handlers.ErrPanic) {
			t.Errorf("the handler got %v, want the panic", err)
		}
		return handlers.ReplaceThread
	}}})
	w.run()
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("a")})
	same(t, "output", kafkatest.Values(kafkatest.Consume(t, brokers, "out", 1)), []string{"a"})
	if n := asked.Load(); n != 1 {
		t.Errorf("the handler was asked %d times, want once", n)
	}
	if err := w.end(); err != nil {
		t.Error(err)
	}
}

// One instance tells all others to stop, with several threads each.
func TestUncaughtErrorsMayStopAllInstances(t *testing.T) {
	for _, grouped := range []bool{false, true} {
		t.Run(fmt.Sprintf("grouped=%v", grouped), func(t *testing.T) {
			brokers := cluster(t, "in", "more", "out")
			topo := func() *topology.Topology {
				return build(t, func(in *words) {
					bad := streams.MapValues(in, func(v string) (string, error) {
						if v == "bad" {
							return "", errBad
						}
						return v, nil
					})
					toOut(bad)
				})
			}
			if grouped {
				topo = func() *topology.Topology { return twoTopics(t) }
			}
			o := app.Options{Handlers: handlers.Handlers{Uncaught: func(error) handlers.ThreadResponse {
				return handlers.ShutdownApplication
			}}}
			var all []*watched
			for range 3 {
				own := o
				w := launch(t, topo(), brokers, &own)
				w.run()
				all = append(all, w)
			}
			if _, err := all[1].AddThread(); err != nil && !strings.Contains(err.Error(), "not running") {
				t.Fatal(err)
			}
			for _, w := range all {
				w.until(app.Running)
			}
			kafkatest.Produce(t, brokers, &kgo.Record{Topic: "in", Value: []byte("bad")})
			reasons, told := 0, 0
			for _, w := range all {
				switch err := <-w.done; {
				case errors.Is(err, errBad):
					reasons++
				case errors.Is(err, app.ErrStoppedByGroup):
					told++
				default:
					t.Errorf("an instance ended with %v", err)
				}
				if w.State() != app.Error {
					t.Errorf("an instance is %v, want ERROR", w.State())
				}
			}
			if reasons != 1 || told != 2 {
				t.Errorf("%d instances ended because of the record and %d were told, want 1 and 2", reasons, told)
			}
		})
	}
}

// twoTopics reads two topics in one task.
func twoTopics(t *testing.T) *topology.Topology {
	b := streams.NewBuilder()
	in := streams.StreamTopics(b, []string{"in", "more"}, streams.String(), streams.String())
	toOut(streams.MapValues(in, func(v string) (string, error) {
		if v == "bad" {
			return "", errBad
		}
		return v, nil
	}))
	topo, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return topo
}

// The context of a call bounds how long it waits, and the thread ends all the same.
func TestRemovingAThreadDoesNotWaitLongerThanItMay(t *testing.T) {
	brokers := cluster(t, "in", "out")
	w := launch(t, upper(t), brokers, &app.Options{})
	w.run()
	w.until(app.Running)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.RemoveThread(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("RemoveThread = %v, want that the context is done", err)
	}
	kafkatest.Eventually(t, "the thread has ended", func() bool { return len(threads(t, w.App)) == 0 })
	if err := w.end(); err != nil {
		t.Error(err)
	}
}
