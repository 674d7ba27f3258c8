package worker_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/worker"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// states are the changes of a status as they were told.
type states struct {
	mu  sync.Mutex // guards all
	all []worker.Status
}

func (s *states) changed(now worker.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, now)
}

func (s *states) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, one := range s.all {
		out = append(out, one.State.String())
	}
	return out
}

// reach waits until the last change told is to the state.
func (s *states) reach(t *testing.T, state worker.State) {
	t.Helper()
	kafkatest.Eventually(t, state.String(), func() bool {
		names := s.names()
		return len(names) > 0 && names[len(names)-1] == state.String()
	})
}

func startTask(t *testing.T, w *worker.Worker, props, own map[string]string, o *worker.TaskOptions) *worker.Task {
	t.Helper()
	p := compile(t, w, props)
	whole := maps.Clone(props)
	maps.Copy(whole, own)
	task, err := w.StartTask(p, 0, whole, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(task.Stop(context.Background()), p.Close()); err != nil {
			t.Error(err)
		}
	})
	return task
}

// A task that waits for its outside system as it starts keeps no other from starting,
// however many do so.
func TestTasksThatWaitAsTheyStartHoldUpNoOther(t *testing.T) {
	k := startKafka(t, 1, "in")
	var began atomic.Int64
	leave := make(chan struct{})
	s := &sink{tasks: 2*runtime.GOMAXPROCS(0) + 1, start: func() {
		began.Add(1)
		<-leave
	}}
	run(t, startWorker(t, k.addr(), s.plugin(), nil), sinkProps("tasks.max", fmt.Sprint(s.tasks)))
	kafkatest.Eventually(t, "all tasks to wait", func() bool { return began.Load() == int64(s.tasks) })
	close(leave)
}

// A sink that is paused keeps its partitions, commits what it has and is put nothing,
// whatever happens to its group; what came meanwhile follows when it is resumed.
func TestPausedSinkKeepsItsPartitionsAndIsPutNothing(t *testing.T) {
	k := startKafka(t, 2, "in")
	k.produce("in", numbered(2)...)
	s := &sink{}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	told := &states{}
	task := startTask(t, w, sinkProps(), nil, &worker.TaskOptions{Changed: told.changed})
	kafkatest.Eventually(t, "two records", func() bool { return len(s.values()) == 2 })
	task.Pause()
	told.reach(t, worker.Paused)
	kafkatest.Eventually(t, "the commit", func() bool { return k.committed("connect-out", "in") == 2 })
	k.produce("in", numbered(1)...)
	second := startTask(t, w, sinkProps(), nil, &worker.TaskOptions{Paused: true})
	kafkatest.Eventually(t, "PAUSED", func() bool { return second.Status().State == worker.Paused })
	calls := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.calls
	}
	before := calls()
	kafkatest.Eventually(t, "calls without records", func() bool { return calls() > before+1 })
	if got := s.values(); len(got) != 2 {
		t.Errorf("a paused task was put %v", got[2:])
	}
	if got := task.Counts().Partitions; got != 2 {
		t.Errorf("a paused task has %d partitions, want those that it had", got)
	}
	task.Resume()
	kafkatest.Eventually(t, "the third record", func() bool { return len(s.values()) == 3 })
	if err := task.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := told.names(), []string{"RUNNING", "PAUSED", "RUNNING", "UNASSIGNED"}; !slices.Equal(got, want) {
		t.Errorf("changes told = %v, want %v", got, want)
	}
}

// A source that is paused keeps the offsets of what it sent and polls no more, also
// when its records are in a transaction.
func TestPausedSourceKeepsItsOffsetsAndPollsNoMore(t *testing.T) {
	for name, more := range map[string]map[string]string{
		"periodic":     {"offset.flush.interval.ms": "60000"},
		"exactly once": exactlyOnce(),
	} {
		t.Run(name, func(t *testing.T) {
			k := startKafka(t, 1, "lines")
			s := &source{values: numbered(3), topic: "lines", follow: true}
			told := &states{}
			task := startTask(t, startWorker(t, k.addr(), s.plugin(), more), sourceProps(
				"transaction.boundary", "interval", "transaction.boundary.interval.ms", "60000"), nil,
				&worker.TaskOptions{Changed: told.changed})
			kafkatest.Eventually(t, "three records", func() bool { return task.Counts().Written == 3 })
			task.Pause()
			told.reach(t, worker.Paused)
			if got := s.kept(); len(got) == 0 || got[len(got)-1] != 3 {
				t.Errorf("kept %v before the task was shown as paused, want 3 at last", got)
			}
			polls := task.Counts().Polls
			s.mu.Lock()
			s.values = numbered(5)
			s.mu.Unlock()
			if got := task.Counts().Polls; got != polls {
				t.Errorf("polled %d times while it was paused", got-polls)
			}
			task.Resume()
			kafkatest.Eventually(t, "five records", func() bool { return task.Counts().Written == 5 })
			task.Pause()
			told.reach(t, worker.Paused)
			if got, want := values(k.consume("lines", 5)), strings.Join(numbered(5), " "); got != want {
				t.Errorf("wrote %s, want %s", got, want)
			}
		})
	}
}

// A task that is paused before it begins makes no life; when it is resumed it does.
func TestTaskThatBeginsPausedIsNotStarted(t *testing.T) {
	k := startKafka(t, 1, "lines")
	s := &source{values: numbered(1), topic: "lines"}
	told := &states{}
	task := startTask(t, startWorker(t, k.addr(), s.plugin(), nil), sourceProps(), nil,
		&worker.TaskOptions{Paused: true, Changed: told.changed})
	told.reach(t, worker.Paused)
	if got := task.Counts().Polls; got != 0 {
		t.Errorf("polled %d times, want none", got)
	}
	task.Resume()
	kafkatest.Eventually(t, "the end of the input", func() bool { return task.Counts().EndOfInput })
	task.Pause()
	told.reach(t, worker.Paused)
	if got, want := told.names(), []string{"PAUSED", "RUNNING", "PAUSED"}; !slices.Equal(got, want) {
		t.Errorf("changes told = %v, want %v", got, want)
	}
}

// ownSource shows with which value of its own key each task starts.
type ownSource struct {
	source
	started chan int
	context connect.ConnectorContext
}

func (s *ownSource) Initialize(cc connect.ConnectorContext) { s.context = cc }
func (s *ownSource) TaskConfigs(int) ([]map[string]string, error) {
	return []map[string]string{nil, {"own": "2"}}, nil
}
func (s *ownSource) NewTask() connect.SourceTask { return &ownTask{&sourceTask{s: &s.source}, s} }

type ownTask struct {
	*sourceTask
	of *ownSource
}

func (t *ownTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) error {
	t.of.started <- v.Int("own")
	return t.sourceTask.Start(ctx, tc, v)
}

func (s *ownSource) plugin() connect.Plugins {
	return connect.Plugins{Sources: []connect.SourcePlugin{{
		Info: connect.Info{Class: "Own", Aliases: []string{"org.example.OwnConnector"},
			Def: config.New(config.Key{Name: "own", Type: config.Int, Default: 1})},
		New: func() connect.SourceConnector { return s },
	}}}
}

// A task's configuration is whole, so that any worker can start the task with it,
// Kafka Connect's included; keys that only Kafka Connect knows do no harm.
func TestTaskStartsWithAConfigurationFromElsewhere(t *testing.T) {
	k := startKafka(t, 1, "lines")
	s := &ownSource{source: source{topic: "lines"}, started: make(chan int, 1)}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	props := sourceProps("connector.class", "Own", "own", "7", "tasks.max", "2")
	p := compile(t, w, props)
	c, err := w.StartConnector(t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	configs, err := c.TaskConfigs()
	if err != nil || len(configs) != 2 {
		t.Fatalf("TaskConfigs = %v, %v, want two", configs, err)
	}
	for id, own := range []string{"7", "2"} {
		want := maps.Clone(props)
		want["own"], want["task.class"] = own, "org.example.OwnTask"
		if !maps.Equal(configs[id], want) {
			t.Errorf("task %d = %v, want %v", id, configs[id], want)
		}
	}
	if err := errors.Join(c.Stop(t.Context()), p.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.TaskConfigs(); err == nil {
		t.Error("a connector that is stopped planned tasks")
	}
	for _, one := range []struct {
		own  map[string]string
		want int
	}{
		{map[string]string{"own": "2", "task.class": "org.example.OwnTask", "version": "3"}, 2}, {nil, 7},
	} {
		startTask(t, w, props, one.own, nil)
		if got := <-s.started; got != one.want {
			t.Errorf("the task with %v started with %d, want %d", one.own, got, one.want)
		}
	}
}

// What a connector says while it runs reaches the herder.
func TestConnectorActsByItself(t *testing.T) {
	k := startKafka(t, 1, "lines")
	s := &ownSource{source: source{topic: "lines"}, started: make(chan int, 2)}
	w := startWorker(t, k.addr(), s.plugin(), nil)
	p := compile(t, w, sourceProps("connector.class", "Own"))
	told, replans := &states{}, 0
	c, err := w.StartConnector(t.Context(), p, &worker.ConnectorOptions{Changed: told.changed, Replan: func() { replans++ }})
	if err != nil {
		t.Fatal(err)
	}
	s.context.RequestTaskReconfiguration()
	c.Pause()
	s.context.RequestTaskReconfiguration()
	s.context.RequestTaskReconfiguration()
	if replans != 1 {
		t.Errorf("asked for tasks %d times before the resume, want 1", replans)
	}
	c.Resume()
	if replans != 2 {
		t.Errorf("asked for tasks %d times, want once more after the resume", replans)
	}
	if offset, err := s.context.Offset(t.Context(), sourcePartition); offset != nil || err != nil {
		t.Errorf("Offset = %v, %v, want none", offset, err)
	}
	s.context.RaiseError(errors.New("no such database"))
	if got := c.Status(); got.State != worker.Failed || got.Trace != "no such database" {
		t.Errorf("Status = %+v, want FAILED with the reason", got)
	}
	if err := errors.Join(c.Stop(t.Context()), p.Close()); err != nil {
		t.Fatal(err)
	}
	want := []string{"RUNNING", "PAUSED", "RUNNING", "FAILED", "UNASSIGNED"}
	if got := told.names(); !slices.Equal(got, want) {
		t.Errorf("changes told = %v, want %v", got, want)
	}
}
