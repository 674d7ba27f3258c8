package distributed_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/distributed"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connectors/file"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// cluster is a group of workers in this process. They reach each other without HTTP.
type cluster struct {
	t       *testing.T
	brokers []string
	name    string

	mu      sync.Mutex // guards workers
	workers map[string]*distributed.Herder
}

func newCluster(t *testing.T, brokers []string, name string) *cluster {
	return &cluster{t: t, brokers: brokers, name: name, workers: map[string]*distributed.Herder{}}
}

// start starts a worker that listens, for the others, on a port of that number.
func (c *cluster) start(port int, more ...string) *distributed.Herder {
	c.t.Helper()
	props := map[string]string{"bootstrap.servers": strings.Join(c.brokers, ","), "group.id": c.name,
		"config.storage.topic": c.name + "-configs", "offset.storage.topic": c.name + "-offsets",
		"status.storage.topic": c.name + "-status", "config.storage.replication.factor": "1",
		"offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
		"offset.storage.partitions": "1", "status.storage.partitions": "1",
		"key.converter": "Text", "value.converter": "Text",
		"heartbeat.interval.ms": "200", "session.timeout.ms": "6000", "scheduled.rebalance.max.delay.ms": "0",
		"offset.flush.interval.ms": "200"}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	cfg, err := plan.ParseDistributed(props)
	if err != nil {
		c.t.Fatal(err)
	}
	id := fmt.Sprintf("127.0.0.1:%d", port)
	h, err := distributed.New(cfg, plugins(), &distributed.Options{WorkerID: id, Leader: c.leader,
		Logger: slog.New(slog.NewTextHandler(c.t.Output(), nil)).With("worker", port)})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := h.Start(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers["http://"+id+"/"] = h
	return h
}

func (c *cluster) stop(h *distributed.Herder) {
	c.t.Helper()
	if err := h.Stop(context.Background()); err != nil {
		c.t.Errorf("Stop: %v", err)
	}
}

func plugins() connect.Plugins {
	return connect.Plugins{
		Sources: []connect.SourcePlugin{file.SourcePlugin()}, Sinks: []connect.SinkPlugin{file.SinkPlugin()},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
	}
}

// byCall asks another worker without HTTP.
type byCall struct {
	c    *cluster
	sign func(http.Header, []byte) error
}

func (c *cluster) leader(sign func(http.Header, []byte) error) distributed.Leader {
	return byCall{c, sign}
}

func (l byCall) PutTasks(ctx context.Context, url, connector string, tasks []map[string]string) error {
	body, err := json.Marshal(tasks)
	if err != nil {
		return err
	}
	h, signature, err := l.signed(url, body)
	if err != nil {
		return err
	}
	return h.PutTasks(ctx, connector, tasks, signature)
}

func (l byCall) Fence(ctx context.Context, url, connector string) error {
	h, signature, err := l.signed(url, nil)
	if err != nil {
		return err
	}
	return h.Fence(ctx, connector, signature)
}

// signed returns who answers at a URL, and the signature of what it is asked.
func (l byCall) signed(url string, body []byte) (*distributed.Herder, herder.Signature, error) {
	l.c.mu.Lock()
	h := l.c.workers[url]
	l.c.mu.Unlock()
	if h == nil {
		return nil, herder.Signature{}, fmt.Errorf("nobody answers at %s", url)
	}
	header := http.Header{}
	if err := l.sign(header, body); err != nil {
		return nil, herder.Signature{}, err
	}
	mac, err := base64.StdEncoding.DecodeString(header.Get("X-Connect-Authorization"))
	return h, herder.Signature{Algorithm: header.Get("X-Connect-Request-Signature-Algorithm"), MAC: mac, Body: body}, err
}

// source is the configuration of a source that reads a file of so many lines.
func source(t *testing.T, topic string, lines int) map[string]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "in")
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "line %d\n", i)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"connector.class": "FileStreamSource", "file": file, "topic": topic,
		"topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1"}
}

// status is what a connector and its tasks do, as "connector@worker task@worker …".
func status(t *testing.T, h *distributed.Herder, name string) string {
	t.Helper()
	s, err := h.Status(t.Context(), name)
	if err != nil {
		return err.Error()
	}
	out := fmt.Sprintf("%s@%s", s.Connector.State, s.Connector.WorkerID)
	for _, task := range s.Tasks {
		out += fmt.Sprintf(" %s@%s", task.State, task.WorkerID)
	}
	return out
}

// runs reports whether a connector runs with so many tasks.
func runs(t *testing.T, h *distributed.Herder, name string, tasks int) func() bool {
	return func() bool {
		s, err := h.Status(t.Context(), name)
		if err != nil || s.Connector.State != api.Running || len(s.Tasks) != tasks {
			return false
		}
		for _, task := range s.Tasks {
			if task.State != api.Running {
				return false
			}
		}
		return true
	}
}

// leading returns the worker that leads, once one does.
func (c *cluster) leading() (leader *distributed.Herder) {
	c.t.Helper()
	kafkatest.Eventually(c.t, "a leader", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, h := range c.workers {
			if err := h.Delete(c.t.Context(), "not there"); errors.Is(err, herder.ErrNotFound) {
				leader = h
			}
		}
		return leader != nil
	})
	return leader
}
