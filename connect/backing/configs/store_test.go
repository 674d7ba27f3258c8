package configs_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect/backing/configs"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// heard is what a listener was told.
type heard struct {
	mu      sync.Mutex
	updates []configs.Update
}

func (h *heard) listen(u configs.Update) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.updates = append(h.updates, u)
}

func (h *heard) take() []configs.Update {
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.updates
	h.updates = nil
	return u
}

const topic = "connect-configs"

func open(t *testing.T, c *kfake.Cluster, o configs.Options) *configs.Store {
	t.Helper()
	o.Replication = 1
	s, err := configs.Open(t.Context(), topic, &o, kgo.SeedBrokers(c.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// stores opens each kind of store, empty, for a test of what all promise.
func stores(t *testing.T, check func(t *testing.T, s *configs.Store, h *heard)) {
	for name, make := range map[string]func(t *testing.T, o configs.Options) *configs.Store{
		"memory": func(_ *testing.T, o configs.Options) *configs.Store { return configs.Memory(&o) },
		"topic":  func(t *testing.T, o configs.Options) *configs.Store { return open(t, kafkatest.Start(t), o) },
		"topic with fencing": func(t *testing.T, o configs.Options) *configs.Store {
			o.TransactionalID = "connect-cluster-test"
			return open(t, kafkatest.Start(t), o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := &heard{}
			s := make(t, configs.Options{Listener: h.listen})
			must(t, s.Claim(t.Context()))
			check(t, s, h)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantUpdates(t *testing.T, h *heard, want ...configs.Update) {
	t.Helper()
	if got := h.take(); !reflect.DeepEqual(got, want) {
		t.Errorf("updates = %+v, want %+v", got, want)
	}
}

func TestWhatIsWrittenIsInTheSnapshotAndToldOnce(t *testing.T) {
	stores(t, func(t *testing.T, s *configs.Store, h *heard) {
		ctx := t.Context()
		if got := s.Snapshot().Offset; got != -1 {
			t.Errorf("offset of an empty log = %d, want -1", got)
		}
		config := map[string]string{"name": "a-1", "x": "é <\u2028😀"}
		must(t, s.PutConnector(ctx, "a-1", config, configs.Stopped))
		state := s.Snapshot()
		if !maps.Equal(state.Connectors["a-1"], config) || state.Targets["a-1"] != configs.Stopped {
			t.Errorf("snapshot = %+v, want the connector, stopped", state)
		}
		wantUpdates(t, h, configs.Update{Kind: configs.ConnectorChanged, Connector: "a-1"})

		must(t, s.PutTarget(ctx, "a-1", configs.Started))
		must(t, s.PutTarget(ctx, "a-1", configs.Started)) // nothing new
		wantUpdates(t, h, configs.Update{Kind: configs.TargetChanged, Connector: "a-1"})

		ids := []api.TaskID{{Connector: "a-1", Task: 0}, {Connector: "a-1", Task: 1}}
		must(t, s.PutTasks(ctx, "a-1", []map[string]string{{"n": "0"}, nil}))
		wantUpdates(t, h, configs.Update{Kind: configs.TasksChanged, Connector: "a-1", Tasks: ids})
		tasks := s.Snapshot()
		if got := tasks.TaskIDs("a-1"); !slices.Equal(got, ids) || tasks.Tasks[ids[0]]["n"] != "0" || tasks.Tasks[ids[1]] == nil {
			t.Errorf("tasks = %v %v, want two", got, tasks.Tasks)
		}
		if !maps.Equal(tasks.Applied["a-1"], config) || tasks.Generations["a-1"] != 1 || !tasks.PendingFencing["a-1"] {
			t.Errorf("snapshot = %+v, want tasks of the configuration that wait for fencing", tasks)
		}
		must(t, s.PutFencedTasks(ctx, "a-1", 2))
		if got := s.Snapshot(); got.FencedTasks["a-1"] != 2 || got.PendingFencing["a-1"] {
			t.Errorf("snapshot = %+v, want two fenced tasks", got)
		}
		wantUpdates(t, h, configs.Update{Kind: configs.TasksFenced, Connector: "a-1"})
		if len(state.Tasks) > 0 {
			t.Error("a snapshot has changed after it was taken")
		}

		must(t, s.RemoveConnector(ctx, "a-1"))
		wantUpdates(t, h, configs.Update{Kind: configs.ConnectorRemoved, Connector: "a-1"})
		if got := s.Snapshot(); got.Has("a-1") || len(got.Targets) > 0 || len(got.Tasks) > 0 || got.TaskIDs("a-1") != nil && len(got.TaskIDs("a-1")) > 0 {
			t.Errorf("snapshot = %+v, want nothing of the connector", got)
		}
	})
}

func TestRequestsAreTold(t *testing.T) {
	stores(t, func(t *testing.T, s *configs.Store, h *heard) {
		r := configs.RestartRequest{Connector: "a", IncludeTasks: true}
		must(t, s.PutRestart(t.Context(), r))
		must(t, s.PutLogger(t.Context(), "org.foo", "DEBUG"))
		key := configs.SessionKey{Key: []byte("secret"), Algorithm: "HmacSHA256", Created: 12}
		must(t, s.PutSessionKey(t.Context(), key))
		wantUpdates(t, h, configs.Update{Kind: configs.RestartRequested, Connector: "a", Restart: r},
			configs.Update{Kind: configs.LoggerChanged, Logger: "org.foo", Level: "DEBUG"}, configs.Update{Kind: configs.SessionKeyChanged})
		if got := s.Snapshot().SessionKey; got == nil || !reflect.DeepEqual(*got, key) {
			t.Error("the snapshot has another session key than was put")
		}
		for _, text := range []string{fmt.Sprint(key), fmt.Sprintf("%+v", key), fmt.Sprintf("%#v", key), fmt.Sprintf("%+v", struct{ K configs.SessionKey }{key})} {
			if strings.Contains(text, "secret") || strings.Contains(text, "115") {
				t.Errorf("a session key prints as %s", text)
			}
		}
	})
}

func TestOnlyTheLastClaimWrites(t *testing.T) {
	c := kafkatest.Start(t)
	first := open(t, c, configs.Options{TransactionalID: "connect-cluster-g"})
	second := open(t, c, configs.Options{TransactionalID: "connect-cluster-g"})
	put := func(s *configs.Store) error { return s.PutConnector(t.Context(), "a", nil, "") }
	if err := put(first); !errors.Is(err, configs.ErrUnclaimed) {
		t.Errorf("PutConnector before Claim = %v, want ErrUnclaimed", err)
	}
	must(t, first.Claim(t.Context()))
	must(t, put(first))
	must(t, second.Claim(t.Context()))
	if err := put(first); !errors.Is(err, configs.ErrFenced) {
		t.Errorf("PutConnector of a fenced worker = %v, want ErrFenced", err)
	}
	if err := put(first); !errors.Is(err, configs.ErrUnclaimed) {
		t.Errorf("PutConnector after it = %v, want ErrUnclaimed", err)
	}
	must(t, put(second))
	must(t, first.PutTarget(t.Context(), "a", configs.Paused)) // any worker may
	must(t, second.Refresh(t.Context()))
	if got := second.Snapshot(); got.Targets["a"] != configs.Paused {
		t.Errorf("target state = %s, want PAUSED", got.Targets["a"])
	}
	must(t, first.Claim(t.Context()))
	must(t, put(first))
}

func TestRunTellsWhatOthersWrite(t *testing.T) {
	c := kafkatest.Start(t)
	h := &heard{}
	reader := open(t, c, configs.Options{Listener: h.listen})
	writer := open(t, c, configs.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- reader.Run(ctx) }()
	must(t, writer.PutConnector(t.Context(), "a", nil, ""))
	kafkatest.Eventually(t, "the update", func() bool {
		return slices.ContainsFunc(h.take(), func(u configs.Update) bool { return u.Connector == "a" })
	})
	must(t, writer.PutConnector(t.Context(), "b", nil, ""))
	must(t, reader.Refresh(t.Context())) // while Run reads
	if !reader.Snapshot().Has("b") {
		t.Error("Refresh has returned before what was written was read")
	}
	must(t, reader.PutTarget(t.Context(), "b", configs.Paused))
	if got := reader.Snapshot().Targets["b"]; got != configs.Paused {
		t.Errorf("target state = %s after PutTarget, want PAUSED", got)
	}
	cancel()
	must(t, <-done)
}

func TestOpenRefusesTopicsThatCannotBeALog(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "deleted"))
	wide := kafka.Topic{Name: "wide", Partitions: 3, Replication: 1, Configs: map[string]string{"cleanup.policy": "compact"}}
	must(t, wide.Create(t.Context(), kadm.NewClient(kafkatest.Client(t, c.ListenAddrs()))))
	for name, want := range map[string]string{
		"deleted": "its cleanup.policy is delete, which deletes values that are still needed: set it to compact",
		"wide":    "topic wide has 3 partitions, and only the records of one are in order: name a topic with one partition",
	} {
		_, err := configs.Open(t.Context(), name, &configs.Options{Replication: 1}, kgo.SeedBrokers(c.ListenAddrs()...))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "config.storage.topic") {
			t.Errorf("Open(%s) = %v, want an error with %q", name, err, want)
		}
	}
}

func TestAConfigurationThatIsTooLargeSaysWhatToDo(t *testing.T) {
	for _, id := range []string{"", "connect-cluster-g"} {
		s := open(t, kafkatest.Start(t), configs.Options{TransactionalID: id})
		must(t, s.Claim(t.Context()))
		err := s.PutConnector(t.Context(), "a", map[string]string{"x": strings.Repeat("x", 2<<20)}, "")
		want := "make it smaller, or raise max.message.bytes of the topic"
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 1000 {
			t.Errorf("PutConnector of 2 MiB = %.300v, want an error with %q", err, want)
		}
		must(t, s.Claim(t.Context()))
		must(t, s.PutConnector(t.Context(), "a", nil, "")) // the store goes on
	}
}
