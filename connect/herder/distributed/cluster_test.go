package distributed_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestTwoWorkersShareConnectors(t *testing.T) {
	shareConnectors(t, kafkatest.Start(t).ListenAddrs(), "two")
}

// The tasks of a source that is exactly once start when those before them are fenced,
// which a worker asks of the leader.
func TestTwoWorkersShareExactlyOnceSources(t *testing.T) {
	shareConnectors(t, kafkatest.Start(t).ListenAddrs(), "once", "exactly.once.source.support", "enabled")
}

// A leader that was killed in the middle of a write hides what was written since. The next one ends
// that write.
func TestALeaderEndsWhatOneBeforeHadBegun(t *testing.T) {
	brokers := kafkatest.Start(t).ListenAddrs()
	c := newCluster(t, brokers, "begun")
	eos := []string{"exactly.once.source.support", "enabled"}
	first := c.start(1, eos...)
	c.leading()
	second := c.start(2, eos...)
	defer c.stop(second)
	killed := kafkatest.Client(t, brokers, kgo.TransactionalID("connect-cluster-begun"), kgo.TransactionTimeout(10*time.Minute))
	if err := killed.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	record := &kgo.Record{Topic: "begun-configs", Key: []byte("connector-half"), Value: []byte(`{"properties":{}}`)}
	if err := killed.ProduceSync(t.Context(), record).FirstErr(); err != nil {
		t.Fatal(err)
	}
	c.stop(first)
	kafkatest.Eventually(t, "the second worker to lead and to read what it writes", func() bool {
		_, _, err := second.Put(t.Context(), "lines", source(t, "begun-lines", 1), "")
		return err == nil
	})
	if names, err := second.Connectors(t.Context()); err != nil || fmt.Sprint(names) != "[lines]" {
		t.Errorf("the connectors are %v, %v, want the one that was written whole", names, err)
	}
}

// shareConnectors creates connectors while a second worker comes, and goes.
func shareConnectors(t *testing.T, brokers []string, name string, more ...string) {
	c := newCluster(t, brokers, name)
	a := c.start(1, more...)
	defer c.stop(a)
	topic := name + "-first"
	c.leading()
	if _, created, err := a.Put(t.Context(), "first", source(t, topic, 3), ""); err != nil || !created {
		t.Fatalf("Put = %v, %v, want a new connector", created, err)
	}
	kafkatest.Eventually(t, "the first connector to run", runs(t, a, "first", 1))
	if got := kafkatest.Values(kafkatest.Consume(t, brokers, topic, 3)); got[2] != "line 2" {
		t.Errorf("the topic has %q, want the lines of the file", got)
	}
	b := c.start(2, more...)
	leader := c.leading()
	names := []string{"more-0", "more-1", "more-2"}
	for _, each := range names {
		if _, _, err := leader.Put(t.Context(), each, source(t, topic, 3), ""); err != nil {
			t.Fatal(err)
		}
	}
	kafkatest.Eventually(t, "both workers to have connectors", func() bool {
		text := ""
		for _, each := range names {
			if !runs(t, a, each, 1)() {
				return false
			}
			text += status(t, a, each)
		}
		return strings.Contains(text, "127.0.0.1:1") && strings.Contains(text, "127.0.0.1:2")
	})
	c.stop(b)
	kafkatest.Eventually(t, "one worker to have all", func() bool {
		for _, each := range names {
			if got := status(t, a, each); got != "RUNNING@127.0.0.1:1 RUNNING@127.0.0.1:1" {
				return false
			}
		}
		return true
	})
}

func TestAConnectorIsPausedStoppedChangedAndDeleted(t *testing.T) {
	liveAndDie(t, kafkatest.Start(t).ListenAddrs(), "life")
}

// liveAndDie takes a connector through everything that can be asked of it.
func liveAndDie(t *testing.T, brokers []string, name string) {
	c := newCluster(t, brokers, name)
	h := c.start(1)
	defer c.stop(h)
	c.leading()
	ctx := t.Context()
	config := source(t, name+"-lines", 1)
	create := api.CreateConnectorRequest{Name: "src", Config: config, InitialState: api.InitialPaused}
	if _, err := h.Create(ctx, create); err != nil {
		t.Fatal(err)
	}
	is := func(want string) {
		t.Helper()
		kafkatest.Eventually(t, want, func() bool { return status(t, h, "src") == want })
	}
	is("PAUSED@127.0.0.1:1")
	if _, err := h.Create(ctx, create); !errors.Is(err, herder.ErrExists) {
		t.Errorf("Create of a name that is there = %v, want an error", err)
	}
	for _, step := range []struct {
		what string
		do   func() error
		want string
	}{
		{"resume", func() error { return h.Resume(ctx, "src") }, "RUNNING@127.0.0.1:1 RUNNING@127.0.0.1:1"},
		{"pause", func() error { return h.Pause(ctx, "src") }, "PAUSED@127.0.0.1:1 PAUSED@127.0.0.1:1"},
		{"resume again", func() error { return h.Resume(ctx, "src") }, "RUNNING@127.0.0.1:1 RUNNING@127.0.0.1:1"},
		{"stop", func() error { return h.StopConnector(ctx, "src") }, "STOPPED@127.0.0.1:1"},
		{"resume after that", func() error { return h.Resume(ctx, "src") }, "RUNNING@127.0.0.1:1 RUNNING@127.0.0.1:1"},
		{"restart", func() error { return h.Restart(ctx, "src") }, "RUNNING@127.0.0.1:1 RUNNING@127.0.0.1:1"},
		{"restart a task", func() error { return h.RestartTask(ctx, api.TaskID{Connector: "src"}) },
			"RUNNING@127.0.0.1:1 RUNNING@127.0.0.1:1"},
		{"restart all", func() error {
			s, err := h.RestartMany(ctx, "src", true, false)
			if err == nil && (s.Connector.State != api.Restarting || s.Tasks[0].State != api.Restarting) {
				return fmt.Errorf("the answer is %+v, want all as RESTARTING", s)
			}
			return err
		}, "RUNNING@127.0.0.1:1 RUNNING@127.0.0.1:1"},
		{"delete", func() error { return h.Delete(ctx, "src") }, "No status found for connector src"},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		is(step.want)
	}
	if err := h.Pause(ctx, "src"); !errors.Is(err, herder.ErrNotFound) {
		t.Errorf("Pause after Delete = %v, want ErrNotFound", err)
	}
}

// A worker that was frozen tells that it stops a connector that another runs by now.
func TestAWorkerInsistsOnTheStatusOfWhatItRuns(t *testing.T) {
	brokers := kafkatest.Start(t).ListenAddrs()
	c := newCluster(t, brokers, "insist")
	h := c.start(1)
	defer c.stop(h)
	c.leading()
	if _, _, err := h.Put(t.Context(), "src", source(t, "lines", 1), ""); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the connector to run", runs(t, h, "src", 1))
	key := []byte("status-connector-src")
	kafkatest.Produce(t, brokers, &kgo.Record{Topic: "insist-status", Key: key,
		Value: []byte(`{"state":"UNASSIGNED","trace":null,"worker_id":"127.0.0.1:9","generation":0}`)})
	kafkatest.Eventually(t, "the worker to tell that the connector runs", func() bool {
		var said []string
		for _, r := range kafkatest.Consume(t, brokers, "insist-status", 3) {
			if string(r.Key) == string(key) {
				said = append(said, string(r.Value))
			}
		}
		n := len(said)
		return n > 1 && strings.Contains(said[n-2], "127.0.0.1:9") && strings.Contains(said[n-1], `"RUNNING"`)
	})
	kafkatest.Eventually(t, "the connector to be shown as running", runs(t, h, "src", 1))
}

// A change of a configuration reaches the tasks, and secrets stay what they are.
func TestAPatchReachesTheTasks(t *testing.T) {
	c := newCluster(t, kafkatest.Start(t).ListenAddrs(), "patch")
	h := c.start(1)
	defer c.stop(h)
	c.leading()
	config := source(t, "before", 1)
	if _, _, err := h.Put(t.Context(), "src", config, ""); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the connector to run", runs(t, h, "src", 1))
	after := "after"
	info, err := h.Patch(t.Context(), "src", map[string]*string{"topic": &after, "batch.size": nil})
	if err != nil {
		t.Fatal(err)
	}
	want := maps.Clone(config)
	want["name"], want["topic"] = "src", "after"
	if !maps.Equal(info.Config, want) {
		t.Errorf("Patch = %v, want %v", info.Config, want)
	}
	kafkatest.Eventually(t, "the task to have the other topic", func() bool {
		tasks, err := h.Tasks(t.Context(), "src")
		return err == nil && len(tasks) == 1 && tasks[0].Config["topic"] == "after" && runs(t, h, "src", 1)()
	})
}

// A worker that does not lead says who does, and changes nothing.
func TestAWorkerThatDoesNotLeadSaysWhoDoes(t *testing.T) {
	c := newCluster(t, kafkatest.Start(t).ListenAddrs(), "who")
	a := c.start(1)
	defer c.stop(a)
	c.leading()
	b := c.start(2)
	defer c.stop(b)
	var elsewhere *herder.NotLeaderError
	kafkatest.Eventually(t, "the second worker to know the leader", func() bool {
		_, _, err := b.Put(t.Context(), "src", source(t, "lines", 1), "")
		return errors.As(err, &elsewhere) && elsewhere.URL == "http://127.0.0.1:1/"
	})
	if names, err := b.Connectors(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("Connectors = %q, %v, want none", names, err)
	}
}
