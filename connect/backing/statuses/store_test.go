package statuses_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/backing/statuses"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

const topic = "connect-status"

// open opens a store that runs until the test ends.
func open(t *testing.T, c *kfake.Cluster) *statuses.Store {
	t.Helper()
	s, err := statuses.Open(t.Context(), topic, &statuses.Options{Replication: 1}, kgo.SeedBrokers(c.ListenAddrs()...))
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-done)
		s.Close()
	})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// settle waits until what was put is written and read back.
func settle(t *testing.T, s *statuses.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), kafkatest.Patience)
	defer cancel()
	must(t, s.Flush(ctx))
	must(t, s.Refresh(ctx))
}

// stores opens each kind of store, empty, for a test of what all promise.
func stores(t *testing.T, check func(t *testing.T, s *statuses.Store)) {
	t.Run("memory", func(t *testing.T) { check(t, statuses.Memory()) })
	t.Run("topic", func(t *testing.T) { check(t, open(t, kafkatest.Start(t))) })
}

func task(n int) api.TaskID { return api.TaskID{Connector: "a-1", Task: n} }

func wantTask(t *testing.T, s *statuses.Store, id api.TaskID, want statuses.Status) {
	t.Helper()
	settle(t, s)
	if got, ok := s.Task(id); !ok || got != want {
		t.Errorf("status of %s = %+v, %v, want %+v", id, got, ok, want)
	}
}

func TestStatusesComeBack(t *testing.T) {
	stores(t, func(t *testing.T, s *statuses.Store) {
		if _, ok := s.Connector("a-1"); ok {
			t.Error("a connector has a status that nobody put")
		}
		want := statuses.Status{State: api.Failed, Trace: "it\n\tfailed é", WorkerID: "w:1", Generation: 3, Version: "1.0"}
		s.PutConnector("a-1", statuses.Status{State: api.Running, WorkerID: "w:1"})
		s.PutConnector("a-1", want)
		s.PutTask(task(0), want)
		s.PutTask(task(1), statuses.Status{State: api.Running, WorkerID: "w:1", Generation: 3})
		wantTask(t, s, task(0), want)
		if got, ok := s.Connector("a-1"); !ok || got != want {
			t.Errorf("status = %+v, %v, want %+v", got, ok, want)
		}
		if got := s.Tasks("a-1"); len(got) != 2 || got[0] != want {
			t.Errorf("tasks = %+v, want two", got)
		}
		if got, want := s.Connectors(), []string{"a-1"}; !slices.Equal(got, want) {
			t.Errorf("connectors = %q, want %q", got, want)
		}
		s.RemoveTask(task(1))
		settle(t, s)
		if got := s.Tasks("a-1"); len(got) != 1 {
			t.Errorf("tasks = %+v after one was removed, want one", got)
		}
		s.RemoveConnector("a-1")
		settle(t, s)
		if got := s.Tasks("a-1"); len(got) > 0 || len(s.Connectors()) > 0 {
			t.Errorf("tasks = %+v, connectors %q after it was removed, want none", got, s.Connectors())
		}
	})
}

func TestSafeKeepsWhatALaterGenerationWrote(t *testing.T) {
	stores(t, func(t *testing.T, s *statuses.Store) {
		later := statuses.Status{State: api.Running, WorkerID: "two:1", Generation: 5}
		s.PutTaskSafe(task(0), later) // nothing is known
		wantTask(t, s, task(0), later)
		s.PutTaskSafe(task(0), statuses.Status{State: api.Failed, WorkerID: "one:1", Generation: 4})
		wantTask(t, s, task(0), later)
		own := statuses.Status{State: api.Paused, WorkerID: "two:1", Generation: 4}
		s.PutTaskSafe(task(0), own)
		wantTask(t, s, task(0), own)
		same := statuses.Status{State: api.Failed, WorkerID: "one:1", Generation: 4}
		s.PutTaskSafe(task(0), same)
		wantTask(t, s, task(0), same)
		s.PutConnectorSafe("a-1", later)
		settle(t, s)
		s.PutConnectorSafe("a-1", same)
		settle(t, s)
		if got, _ := s.Connector("a-1"); got != later {
			t.Errorf("status = %+v, want %+v", got, later)
		}
	})
}

// The worker that gave a task up may say so after the one that took it. One that has lost
// the group stops its tasks in the generation in which it has started them.
func TestUnassignedOfTheSameGenerationReplacesRunningOfTheSameWorkerAlone(t *testing.T) {
	stores(t, func(t *testing.T, s *statuses.Store) {
		running := statuses.Status{State: api.Running, WorkerID: "two:1", Generation: 5}
		s.PutTask(task(0), running)
		settle(t, s)
		s.PutTask(task(0), statuses.Status{State: api.Unassigned, WorkerID: "one:1", Generation: 5})
		wantTask(t, s, task(0), running)
		if !s.Late(task(0)) {
			t.Error("nothing says that the status in the topic is not that of who runs the task")
		}
		s.PutTask(task(0), running)
		settle(t, s)
		if s.Late(task(0)) {
			t.Error("the status is written again and still said to be late")
		}
		given := statuses.Status{State: api.Unassigned, WorkerID: "two:1", Generation: 5}
		s.PutTask(task(0), given)
		wantTask(t, s, task(0), given)
	})
}

func TestTopicsOfAConnectorComeBack(t *testing.T) {
	stores(t, func(t *testing.T, s *statuses.Store) {
		at := time.UnixMilli(1795919812403)
		b, a := statuses.Topic{Name: "b", Connector: "c:connector-1", Task: 1, Discovered: at}, statuses.Topic{Name: "a", Connector: "c:connector-1", Discovered: at}
		s.PutTopic(b)
		s.PutTopic(a)
		s.PutTopic(statuses.Topic{Name: "a", Connector: "other", Discovered: at})
		settle(t, s)
		if got, want := s.Topics("c:connector-1"), []statuses.Topic{a, b}; !reflect.DeepEqual(got, want) {
			t.Errorf("topics = %+v, want %+v", got, want)
		}
		s.RemoveTopic("c:connector-1", "a")
		settle(t, s)
		if _, ok := s.Topic("c:connector-1", "a"); ok {
			t.Error("a topic is known that was removed")
		}
		if _, ok := s.Topic("other", "a"); !ok {
			t.Error("a topic of another connector is not known any more")
		}
	})
}

func TestOpenRefusesATopicThatIsNotCompacted(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, topic))
	_, err := statuses.Open(t.Context(), topic, nil, kgo.SeedBrokers(c.ListenAddrs()...))
	for _, want := range []string{"status.storage.topic", "its cleanup.policy is delete", "set it to compact"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open = %v, want an error with %q", err, want)
		}
	}
}
