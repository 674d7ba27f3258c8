//go:build integration

package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
)

// life is a connector on a real worker, from its making to its end.
type life struct {
	*testing.T
	c    *client.Client
	name string
}

// A Java worker does what each method says, and answers what the client understands.
func TestTheLifeOfAConnectorOnAJavaWorker(t *testing.T) {
	l := life{t, newClient(t, nil, servicetest.JavaWorker(t)), fmt.Sprintf("client-%d", time.Now().UnixNano())}
	ctx := t.Context()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if err := l.c.Delete(ctx, l.name); err != nil && !errors.Is(err, client.ErrNotFound) {
			t.Error(err)
		}
		dropTopic(ctx, t, l.name)
	})
	l.worker(ctx)
	lines := filepath.Join(t.TempDir(), "lines.txt")
	if err := os.WriteFile(lines, []byte("a\nb\nc\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	config := map[string]string{"connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
		"tasks.max": "1", "file": lines, "topic": l.name}
	l.made(ctx, config)
	l.moved(ctx, lines)
	if err := l.c.Delete(ctx, l.name); err != nil {
		t.Fatal(err)
	}
	l.until(ctx, "gone", func() (bool, error) {
		_, err := l.c.Status(ctx, l.name)
		return errors.Is(err, client.ErrNotFound), nil
	})
}

// dropTopic leaves a Kafka that others use too as it was.
func dropTopic(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	if os.Getenv("SUIRO_KAFKA") == "" {
		return
	}
	adm := kadm.NewClient(kafkatest.Client(t, kafkatest.Real(t)))
	if _, err := adm.DeleteTopics(ctx, name); err != nil {
		t.Error(err)
	}
}

// worker asks what has nothing to do with the connector.
func (l life) worker(ctx context.Context) {
	l.Helper()
	server, err := l.c.Server(ctx)
	if err != nil || server.Version == "" || server.ClusterID == "" {
		l.Errorf("server %+v, %v", server, err)
	}
	if health, err := l.c.Health(ctx); err != nil || health.Status != api.Healthy {
		l.Errorf("health %+v, %v", health, err)
	}
	if _, err := l.c.Ready(ctx); !errors.Is(err, client.ErrUnsupported) {
		l.Errorf("ready of a Java worker: %v, want it unsupported", err)
	}
	plugins, err := l.c.Plugins(ctx, false)
	if err != nil || !slices.ContainsFunc(plugins, func(p api.PluginInfo) bool { return p.Type == "transformation" }) {
		l.Errorf("plugins %v, %v, want transformations among them", plugins, err)
	}
	keys, err := l.c.PluginKeys(ctx, "FileStreamSource", "")
	if err != nil || !slices.ContainsFunc(keys, func(k api.ConfigKeyInfo) bool { return k.Name == "topic" && k.Required }) {
		l.Errorf("keys %v, %v, want topic", keys, err)
	}
	if loggers, err := l.c.Loggers(ctx); err != nil || loggers["root"].Level == "" {
		l.Errorf("loggers %v, %v", loggers, err)
	}
	logger := "org.example." + l.name
	if changed, err := l.c.SetLogger(ctx, logger, "DEBUG", false); err != nil || !slices.Equal(changed, []string{logger}) {
		l.Errorf("changed loggers %v, %v", changed, err)
	}
	if level, err := l.c.Logger(ctx, logger); err != nil || level.Level != "DEBUG" || level.LastModified == nil {
		l.Errorf("logger %+v, %v, want DEBUG", level, err)
	}
	if changed, err := l.c.SetLogger(ctx, logger, "INFO", true); err != nil || changed != nil {
		l.Errorf("loggers of the cluster %v, %v", changed, err)
	}
}

// made makes the connector, reads all there is to know about it and changes it.
func (l life) made(ctx context.Context, config map[string]string) {
	l.Helper()
	infos, err := l.c.Validate(ctx, map[string]string{"connector.class": config["connector.class"], "name": l.name})
	if err != nil || infos.ErrorCount == 0 {
		l.Errorf("validate without a topic: %d errors, %v", infos.ErrorCount, err)
	}
	if _, _, err := l.c.Put(ctx, l.name, map[string]string{"connector.class": config["connector.class"]}); !errors.Is(err, client.ErrInvalid) {
		l.Errorf("put without a topic: %v, want invalid", err)
	}
	info, err := l.c.Create(ctx, api.CreateConnectorRequest{Name: l.name, Config: config, InitialState: api.InitialStopped})
	if err != nil || info.Name != l.name || info.Type != api.Source {
		l.Fatalf("create %+v, %v", info, err)
	}
	if _, err := l.c.Create(ctx, api.CreateConnectorRequest{Name: l.name, Config: config}); !errors.Is(err, client.ErrExists) {
		l.Errorf("create again: %v, want that it exists", err)
	}
	two := "2"
	if _, err := l.c.Patch(ctx, l.name, map[string]*string{"batch.size": &two, "tasks.max": nil}); err != nil {
		l.Error(err)
	}
	got, err := l.c.Config(ctx, l.name)
	if err != nil || got["batch.size"] != "2" || got["tasks.max"] != "" || got["name"] != l.name {
		l.Errorf("config %v, %v", got, err)
	}
	if _, created, err := l.c.Put(ctx, l.name, config); err != nil || created {
		l.Errorf("put: created %v, %v, want a change", created, err)
	}
	if names, err := l.c.Connectors(ctx); err != nil || !slices.Contains(names, l.name) {
		l.Errorf("connectors %v, %v", names, err)
	}
	if err := l.c.Resume(ctx, l.name); err != nil {
		l.Fatal(err)
	}
	l.state(ctx, api.Running, 1)
	all, err := l.c.Expanded(ctx)
	if of := all[l.name]; err != nil || of.Status == nil || of.Info == nil || len(of.Info.Tasks) != 1 {
		l.Errorf("expanded %+v, %v", all[l.name], err)
	}
	tasks, err := l.c.Tasks(ctx, l.name)
	if err != nil || len(tasks) != 1 || tasks[0].Config["topic"] != l.name {
		l.Errorf("tasks %+v, %v", tasks, err)
	}
	task, err := l.c.TaskStatus(ctx, api.TaskID{Connector: l.name})
	if err != nil || task.State != api.Running || task.WorkerID == "" {
		l.Errorf("task %+v, %v", task, err)
	}
}

// moved pauses, restarts and stops the connector, and changes its offsets.
func (l life) moved(ctx context.Context, lines string) {
	l.Helper()
	l.until(ctx, "its topic", func() (bool, error) {
		topics, err := l.c.Topics(ctx, l.name)
		return slices.Equal(topics, []string{l.name}), err
	})
	if err := l.c.ResetTopics(ctx, l.name); err != nil {
		l.Error(err)
	}
	if err := l.c.Pause(ctx, l.name); err != nil {
		l.Error(err)
	}
	l.state(ctx, api.Paused, 1)
	if err := l.c.Resume(ctx, l.name); err != nil {
		l.Error(err)
	}
	l.state(ctx, api.Running, 1)
	if err := l.c.RestartTask(ctx, api.TaskID{Connector: l.name}); err != nil {
		l.Error(err)
	}
	if status, err := l.c.Restart(ctx, l.name, true, false); err != nil || status.Connector.State != api.Restarting {
		l.Errorf("restart %+v, %v", status, err)
	}
	l.state(ctx, api.Running, 1)
	if status, err := l.c.Restart(ctx, l.name, false, false); err != nil || status.Name != "" {
		l.Errorf("restart of the connector alone: %+v, %v", status, err)
	}
	offsets := api.ConnectorOffsets{Offsets: []api.ConnectorOffset{
		{Partition: map[string]any{"filename": lines}, Offset: map[string]any{"position": 2}}}}
	if _, err := l.c.AlterOffsets(ctx, l.name, offsets); !errors.Is(err, client.ErrInvalid) || !strings.Contains(err.Error(), "STOPPED") {
		l.Errorf("alter the offsets of a running connector: %v, want it refused", err)
	}
	if err := l.c.Stop(ctx, l.name); err != nil {
		l.Fatal(err)
	}
	l.state(ctx, api.Stopped, 0)
	if said, err := l.c.AlterOffsets(ctx, l.name, offsets); err != nil || !strings.Contains(said, "altered successfully") {
		l.Errorf("alter the offsets: %s, %v", said, err)
	}
	got, err := l.c.Offsets(ctx, l.name)
	if err != nil || len(got.Offsets) != 1 || fmt.Sprint(got.Offsets[0].Offset["position"]) != "2" {
		l.Errorf("offsets %+v, %v, want position 2", got, err)
	}
	if said, err := l.c.ResetOffsets(ctx, l.name); err != nil || !strings.Contains(said, "reset successfully") {
		l.Errorf("reset the offsets: %s, %v", said, err)
	}
}

// state waits until the connector and this number of tasks are in a state.
func (l life) state(ctx context.Context, want api.State, tasks int) {
	l.Helper()
	l.until(ctx, string(want), func() (bool, error) {
		status, err := l.c.Status(ctx, l.name)
		other := func(t api.TaskState) bool { return t.State != want }
		return err == nil && status.Connector.State == want && len(status.Tasks) == tasks &&
			!slices.ContainsFunc(status.Tasks, other), nil
	})
}

// until waits for a condition.
func (l life) until(ctx context.Context, what string, is func() (bool, error)) {
	l.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		switch done, err := is(); {
		case err != nil:
			l.Fatal(err)
		case done:
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			l.Fatalf("%s is not %s in a minute", l.name, what)
		}
	}
}
