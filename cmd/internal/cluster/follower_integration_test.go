//go:build integration

package cluster_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// Whatever a client asks of a worker that does not lead is done, and answered as the
// leader answers, over both workers in turn.
func TestEveryChangeCanBeAskedOfEveryWorker(t *testing.T) {
	s := newStage(t, kafkatest.Real(t))
	a, b := s.worker("a", nil), s.worker("b", nil)
	a.start()
	b.start()
	if leads(a) == leads(b) {
		t.Fatalf("a leads: %t, b leads: %t, want one of them", leads(a), leads(b))
	}
	file := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(file, []byte("a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*worker{a, b} {
		s.drive(w, file)
	}
}

// drive takes a connector through its life over one worker.
func (s *stage) drive(w *worker, file string) {
	s.t.Helper()
	c, ctx, name := s.of(w.address), s.t.Context(), "of-"+w.name
	is := func(what string, want api.State, tasks int) {
		s.t.Helper()
		kafkatest.Eventually(s.t, what+" over "+w.name, func() bool {
			status, err := c.Status(ctx, name)
			if err != nil || status.Connector.State != want || len(status.Tasks) != tasks {
				return false
			}
			return tasks == 0 || status.Tasks[0].State == want
		})
	}
	do := func(what string, err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatalf("%s over %s: %v", what, w.name, err)
		}
	}
	_, err := c.Create(ctx, api.CreateConnectorRequest{Name: name, InitialState: api.InitialStopped,
		Config: map[string]string{"connector.class": "FileStreamSource", "file": file, "topic": s.group + "-" + name,
			"topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1"}})
	do("create", err)
	is("stopped from the start", api.Stopped, 0)
	do("resume", c.Resume(ctx, name))
	is("resumed", api.Running, 1)
	more := "7"
	_, err = c.Patch(ctx, name, map[string]*string{"batch.size": &more})
	do("patch", err)
	// As with Kafka Connect, a worker answers from what it has read of the configurations.
	kafkatest.Eventually(s.t, "the patched configuration over "+w.name, func() bool {
		config, err := c.Config(ctx, name)
		return err == nil && config["batch.size"] == more
	})
	is("patched", api.Running, 1)
	do("pause", c.Pause(ctx, name))
	is("paused", api.Paused, 1)
	do("resume", c.Resume(ctx, name))
	is("resumed again", api.Running, 1)
	do("restart of the task", c.RestartTask(ctx, api.TaskID{Connector: name}))
	is("its task restarted", api.Running, 1)
	_, err = c.Restart(ctx, name, true, false)
	do("restart", err)
	is("restarted", api.Running, 1)
	_, err = c.SetLogger(ctx, "connector."+name, "DEBUG", true)
	do("level of a logger in the cluster", err)
	do("topics forgotten", c.ResetTopics(ctx, name))
	do("stop", c.Stop(ctx, name))
	is("stopped", api.Stopped, 0)
	do("delete", c.Delete(ctx, name))
	kafkatest.Eventually(s.t, "nothing is left of it", func() bool {
		names, err := c.Connectors(ctx)
		return err == nil && len(names) == 0
	})
}
