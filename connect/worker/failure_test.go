package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

// failures are ways in which a source ends after five good records of one poll
// or two.
func failures() map[string]*source {
	bad := numbered(9)
	bad[5] = "cannot be converted"
	untransformed := numbered(9)
	untransformed[5] = `{"n":"no number"}`
	after5 := func(err func(connect.SourceContext) error) func(connect.SourceContext, int64) error {
		return func(tc connect.SourceContext, at int64) error {
			if at == 5 {
				return err(tc)
			}
			return nil
		}
	}
	return map[string]*source{
		"converter": {values: bad, batch: 9},
		"transform": {values: untransformed, batch: 9},
		"poll": {values: numbered(9), batch: 5, poll: after5(func(connect.SourceContext) error {
			return errors.New("the archive is damaged")
		})},
		"panic": {values: numbered(9), batch: 5, poll: after5(func(connect.SourceContext) error { panic("index out of range") })},
		"reject": {values: numbered(9), batch: 5, poll: after5(func(tc connect.SourceContext) error {
			return tc.Reject(context.Background(), &connect.SourceRecord{Record: connect.Record{Topic: "lines"},
				SourcePartition: sourcePartition, SourceOffset: map[string]any{"position": 6}}, errors.New("line is too long"))
		})},
	}
}

// What was sent before a failure arrives, and does not come again. A task with
// one bad record in its input would otherwise never get past those before it.
func TestGoodRecordsBeforeAFailureArriveOnce(t *testing.T) {
	long := map[string]string{"offset.flush.interval.ms": "3600000"}
	for guarantee, more := range guarantees() {
		for name, s := range failures() {
			t.Run(guarantee+", "+name, func(t *testing.T) {
				t.Parallel()
				k := startKafka(t, 1, "lines")
				s.topic = "lines"
				w := startWorker(t, k.addr(), s.plugin(), merged(more, long))
				props := sourceProps("errors.restart.max", "2", "errors.restart.delay.max.ms", "60000",
					"transaction.boundary", "interval")
				if name == "transform" {
					props["transforms"], props["transforms.numbers.type"] = "numbers", "OnlyNumbers"
				}
				c := startConnector(t, w, props)
				kafkatest.Eventually(t, "the last restart to fail", func() bool {
					return c.Counts().Restarts == 2 && c.Tasks[0].Status().State == worker.Failed
				})
				stop(t, c)
				k.produce("lines", "end")
				if got, want := values(k.consume("lines", 6)), strings.Join(append(numbered(5), "end"), " "); got != want {
					t.Errorf("topic holds %s, want %s", got, want)
				}
				got, want := s.kept(), []int64{5}
				if name == "panic" {
					want = nil // a task that panicked may hold its own locks, so nobody calls it
				}
				if slices.Sort(got); !slices.Equal(slices.Compact(got), want) {
					t.Errorf("Committed was told %v, want %v", got, want)
				}
			})
		}
	}
}

func merged(maps ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range maps {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// A record that a sink cannot take holds up what comes after it in its own
// partition, and nothing else.
func TestGoodRecordsAroundABadOneAreWritten(t *testing.T) {
	k := startKafka(t, 2, "in")
	for _, r := range []*kgo.Record{
		{Value: []byte(`{"n":0}`)}, {Value: []byte(`not json`)}, {Value: []byte(`{"n":2}`)},
		{Partition: 1, Value: []byte(`{"n":10}`)}, {Partition: 1, Value: []byte(`{"n":12}`)},
	} {
		r.Topic = "in"
		if err := k.cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"offset.flush.interval.ms": "3600000"})
	c := startConnector(t, w, sinkProps("transforms", "even", "transforms.even.type", "DropOdd"))
	kafkatest.Eventually(t, "some restarts", func() bool { return c.Counts().Restarts > 2 })
	kafkatest.Eventually(t, "the good records", func() bool { return len(s.values()) == 3 })
	stop(t, c)
	got := s.values()
	slices.Sort(got)
	if want := []string{`0:{"n":0}`, `0:{"n":10}`, `1:{"n":12}`}; !slices.Equal(got, want) {
		t.Errorf("written %q, want %q, each once", got, want)
	}
	if at := k.committed("connect-out", "in"); at != 1 {
		t.Errorf("committed %d in the partition of the bad record, want 1", at)
	}
}

// A sink task that fails still knows what it has written.
func TestFailingSinkTaskCommitsWhatIsSafe(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(3)...)
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		for _, r := range records {
			if r.Offset == 3 {
				return errors.New("disk on fire")
			}
		}
		return s.keep(records)
	}}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"offset.flush.interval.ms": "3600000"})
	c := startConnector(t, w, sinkProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "three records", func() bool { return len(s.values()) == 3 })
	k.produce("in", `{"n":3}`)
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	if at := k.committed("connect-out", "in"); at != 3 {
		t.Errorf("committed %d, want 3: what was put before the failure", at)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.closed) != 1 || s.lost != 0 {
		t.Errorf("closed %v, %d times as lost, want the partition closed as owned", s.closed, s.lost)
	}
}

// A task that fails after the group has expelled it, and before it has noticed,
// owns its partitions no longer.
func TestFailingSinkTaskThatWasExpelledClosesAsLost(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(1)...)
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		if len(s.got) > 0 {
			return errors.New("disk on fire")
		}
		return s.keep(records)
	}}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"offset.flush.interval.ms": "3600000"})
	k.refuseCommits()
	c := startConnector(t, w, sinkProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.closed) != 1 || s.lost != 1 {
		t.Errorf("closed %v, %d times as lost, want the partition closed as lost", s.closed, s.lost)
	}
}

// A task that panics at the end of its life is stopped and not called again,
// although leaving the group takes its partitions away.
func TestSinkTaskThatPanicsAtItsEndIsOnlyStopped(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(1)...)
	asked := 0
	s := &sink{
		put: func(s *sink, records []*connect.SinkRecord) error {
			if len(s.got) > 0 {
				return errors.New("disk on fire")
			}
			return s.keep(records)
		},
		preCommit: func(*sink, connect.Offsets) (connect.Offsets, error) {
			asked++
			panic("index out of range")
		},
	}
	w := startWorker(t, k.addr(), s.plugin(), map[string]string{"offset.flush.interval.ms": "3600000"})
	c := startConnector(t, w, sinkProps("errors.restart.max", "0"))
	kafkatest.Eventually(t, "FAILED", func() bool { return c.Tasks[0].Status().State == worker.Failed })
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked != 1 || len(s.closed) != 0 {
		t.Errorf("asked %d times what is safe, closed %v, want one question and no Close", asked, s.closed)
	}
}

// Limits of the broker are found when the task runs, and its configuration can
// never work then either.
func TestTaskBeyondALimitOfTheBrokerIsNotRestarted(t *testing.T) {
	k := startKafka(t, 1, "in")
	w := startWorker(t, k.addr(), (&sink{}).plugin(), nil)
	c := startConnector(t, w, sinkProps("consumer.override.session.timeout.ms", "300", "errors.restart.delay.ms", "1"))
	kafkatest.Eventually(t, "FAILED", func() bool {
		s := c.Tasks[0].Status()
		return s.State == worker.Failed && strings.Contains(s.Trace, "set consumer.override.session.timeout.ms")
	})
	if n := c.Counts().Restarts; n != 0 {
		t.Errorf("restarted %d times, want none", n)
	}
}

// A task whose configuration can never work is known before any task runs.
func TestTaskThatCanNeverWorkKeepsTheConnectorFromStarting(t *testing.T) {
	k := startKafka(t, 1, "in")
	s := &sink{plans: []map[string]string{nil, {"own": "x"}}}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	c, err := w.StartConnector(t.Context(), compile(t, w, sinkProps("tasks.max", "2")), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.TaskConfigs()
	want := "plan the tasks of connector out: task 1: Invalid value x for configuration own: Not a number of type INT"
	if err == nil || err.Error() != want {
		t.Errorf("TaskConfigs = %v, want %s", err, want)
	}
	_, err = w.StartTask(c.Plan, 1, map[string]string{"own": "x"}, nil)
	want = "start task out-1: Invalid value x for configuration own: Not a number of type INT"
	if err == nil || err.Error() != want {
		t.Errorf("StartTask = %v, want %s", err, want)
	}
	if err := c.Stop(t.Context()); err != nil || len(s.opened) > 0 {
		t.Errorf("Stop = %v, opened %v, want no task", err, s.opened)
	}
}

// The worker counts over all lives of a task; what a task counts itself begins
// again with each life, and is gone when the last one has ended.
func TestMetricsOfATaskAreThoseOfItsLife(t *testing.T) {
	k := startKafka(t, 1, "in")
	k.produce("in", numbered(1)...)
	failures := 2
	s := &sink{put: func(s *sink, records []*connect.SinkRecord) error {
		if len(records) > 0 && failures > 0 {
			failures--
			return errors.New("disk on fire")
		}
		return s.keep(records)
	}}
	c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps())
	kafkatest.Eventually(t, "the record", func() bool { return len(s.values()) == 1 })
	const own, restarts = "test_starts_total", "kafka_connect_connector_task_metrics_restart_total"
	if got := gather(t, c.Tasks[0]); got[own] != 1 || got[restarts] != 2 {
		t.Errorf("metrics = %v, want 1 start and 2 restarts", got)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := gather(t, c.Tasks[0])
	if _, shown := got[own]; shown || got[restarts] != 2 {
		t.Errorf("metrics after the stop = %v, want none of the task's own and 2 restarts", got)
	}
}

// gather returns the metrics of a task that counts one thing by each name. They
// must name the connector and the task.
func gather(t *testing.T, task *worker.Task) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(task)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		m := f.GetMetric()[0]
		if got := fmt.Sprint(m.GetLabel()); !strings.Contains(got, `"connector"`) || !strings.Contains(got, `"task"`) {
			t.Errorf("%s has the labels %s, want connector and task", f.GetName(), got)
		}
		out[f.GetName()] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
	}
	return out
}

// A panic of a task ends a life and not the process, wherever it happens.
func TestPanicOfASinkTaskEndsALife(t *testing.T) {
	for name, s := range map[string]*sink{
		"put":       {put: func(*sink, []*connect.SinkRecord) error { panic("index out of range") }},
		"open":      {open: func(*sink, []connect.TopicPartition) error { panic("index out of range") }},
		"precommit": {preCommit: func(*sink, connect.Offsets) (connect.Offsets, error) { panic("index out of range") }},
	} {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "in")
			k.produce("in", numbered(1)...)
			c := startConnector(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("errors.restart.max", "1",
				"errors.restart.delay.max.ms", "60000")) // a life that lasts longer would begin to count again
			kafkatest.Eventually(t, "FAILED after a restart", func() bool {
				return c.Counts().Restarts == 1 && c.Tasks[0].Status().State == worker.Failed
			})
			if got := c.Tasks[0].Status().Trace; !strings.Contains(got, "panic: index out of range") ||
				!strings.Contains(got, "failure_test.go") {
				t.Errorf("trace = %s, want the panic with its stack", got)
			}
		})
	}
}

// Whoever stops a task may not wait for one that hangs. What its plan holds is freed
// all the same, once the task has ended.
func TestPlanIsClosedWhenItsLastTaskHasEnded(t *testing.T) {
	k := startKafka(t, 1, "in")
	arrived, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s := &sink{open: func(*sink, []connect.TopicPartition) error {
		once.Do(func() { close(arrived) })
		<-release
		return nil
	}}
	var closed atomic.Int32
	plugins := s.plugin()
	plugins.Converters = []connect.ConverterPlugin{{Info: connect.Info{Class: "Closing"},
		New: func(config.Values, bool) (connect.Converter, error) { return closing{closed: &closed}, nil }}}
	c := run(t, startWorker(t, k.addr(), plugins, nil), sinkProps("value.converter", "Closing"))
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop = %v, want that it did not wait", err)
	}
	if n := closed.Load(); n != 0 {
		t.Errorf("the plan was closed %d times while its task ran", n)
	}
	close(release)
	<-c.Tasks[0].Done()
	kafkatest.Eventually(t, "the plan to be closed", func() bool { return closed.Load() == 1 })
}

// closing is a converter that notes its end.
type closing struct {
	connecttest.Converter
	closed *atomic.Int32
}

func (c closing) Close() error {
	c.closed.Add(1)
	return nil
}

// A connector that panics is one that cannot be started, and its plan is closed.
func TestPanicOfAConnectorKeepsItFromStarting(t *testing.T) {
	k := startKafka(t, 1, "in")
	plugins := (&sink{}).plugin()
	for name, construct := range map[string]func() connect.SinkConnector{
		"new":   func() connect.SinkConnector { panic("index out of range") },
		"start": func() connect.SinkConnector { return brokenSink{} },
	} {
		plugins.Sinks[0].New = construct
		w := startWorker(t, k.addr(), plugins, nil)
		if _, err := w.StartConnector(t.Context(), compile(t, w, sinkProps()), nil); err == nil || !strings.Contains(err.Error(), "panic: ") {
			t.Errorf("%s: StartConnector = %v, want the panic", name, err)
		}
	}
}

// brokenSink has no method, so that calling any panics.
type brokenSink struct{ connect.SinkConnector }
