package creator_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/stores"
	"github.com/suiro/suiro/stores/kinds"
	"github.com/suiro/suiro/stores/mem"
	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/internal/creator"
	"github.com/suiro/suiro/streams/internal/localstores"
	"github.com/suiro/suiro/streams/internal/meter"
	"github.com/suiro/suiro/streams/internal/properties"
	"github.com/suiro/suiro/streams/internal/task"
	"github.com/suiro/suiro/streams/internal/telemetry"
	"github.com/suiro/suiro/streams/internal/topics"
	"github.com/suiro/suiro/streams/topology"
)

// counting returns the creator of an app with a store, over an embedded broker.
func counting(t *testing.T, db stores.DB) (*creator.Creator, *localstores.Stores) {
	t.Helper()
	var g topology.Graph
	g.AddSource(topology.Source{Name: "s", Topic: "in", New: func(topology.Context) topology.Handler {
		return func(*topology.Record) error { return nil }
	}})
	g.AddProcessor(topology.Processor{Name: "p", Stores: []topology.Store{{Spec: kinds.Spec{Name: "counts"}}}}, "s")
	top, err := g.Build()
	if err != nil {
		t.Fatal(err)
	}
	p, err := properties.Parse(map[string]string{"application.id": "app", "bootstrap.servers": "localhost:1",
		"state.dir": t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	own, err := topics.New("app", top, "")
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := telemetry.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	brokers := kafkatest.Start(t, kfake.SeedTopics(2, "in", "app-counts-changelog")).ListenAddrs()
	log := slog.New(slog.DiscardHandler)
	local := localstores.New(localstores.Options{Topology: top, Logger: log})
	local.Begin(db)
	c, err := creator.New(creator.Options{Subtopologies: top.Subtopologies(), Properties: p, Topics: own,
		Plan: &admin.Plan{Partitions: []int32{2}}, DB: db, Stores: local, Client: []kgo.Opt{kgo.SeedBrokers(brokers...)},
		Admin: kadm.NewClient(kafkatest.Client(t, brokers)), Metrics: metrics, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	return c, local
}

// A task of an id begins when the one before has ended, whoever started it: they write the same
// part of the DB.
func TestATaskWaitsForTheOneBefore(t *testing.T) {
	c, local := counting(t, mem.Open())
	start := c.Starter(&meter.Meter{})
	id := topology.TaskID{Partition: 1}
	first := start(t.Context(), id, task.Left{}, nil)
	await(t, first, "the first task")
	second := c.Starter(&meter.Meter{})(t.Context(), id, task.Left{}, nil) // of another thread
	select {
	case <-second.Ready():
		t.Error("two tasks of one id are ready")
	case <-time.After(50 * time.Millisecond):
	}
	first.Stop()
	await(t, second, "the second task")
	kafkatest.Eventually(t, "its store to be queried", func() bool {
		parts, err := local.Query("counts")
		return err == nil && len(parts) == 1 && parts[0].Partition == 1
	})
	second.Stop()
	c.Wait()
}

// Without stores there is nothing to clean up; with some, Run works until it is told to stop.
func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := counting(t, mem.Open())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("Run = %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("Run does not end")
	}
}

// await waits until a task is ready.
func await(t *testing.T, of *task.Task, what string) {
	t.Helper()
	select {
	case <-of.Ready():
	case <-of.Stopped():
		t.Fatalf("%s has ended: %v", what, of.Err())
	case <-time.After(20 * time.Second):
		t.Fatalf("%s is not ready: %v", what, of.Err())
	}
}
