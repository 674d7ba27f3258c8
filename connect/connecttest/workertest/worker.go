package workertest

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// Worker is a standalone worker in the test's process, over all its lives: a kill
// ends one, and [Worker.Restart] begins another on the same Kafka. Its methods are
// called from the test's goroutine; they fail the test when they cannot do what
// they say.
type Worker struct {
	t       testing.TB
	broker  *broker
	log     *log
	plugins connect.Plugins
	props   map[string]string
	hook    func(g *gate, method string) // see gate.passed; nil for none

	connectors []map[string]string // that were started, in order
	life       *life               // nil while no life runs
}

// offsetTopic is where workers keep source offsets.
const offsetTopic = "connect-offsets"

// life is one life of a worker.
type life struct {
	user   string
	gate   *gate
	herder *standalone.Herder
}

// New starts an embedded Kafka and a worker with the plugins on it. props add to or
// replace the worker's properties; nil is fine. By default converters are
// [TextConverter], source offsets are kept in a topic, and offsets are committed
// ten times a second. Everything ends with the test.
func New(t testing.TB, plugins connect.Plugins, props map[string]string) *Worker {
	t.Helper()
	return newWorker(t, startBroker(t), newLog(t), plugins, props, nil)
}

// Another starts a second worker on the same Kafka, with the same plugins and
// properties. A sink that both run has its tasks in one consumer group, so that
// partitions move when it starts in the second, and when one of them is killed.
func (w *Worker) Another() *Worker {
	w.t.Helper()
	return newWorker(w.t, w.broker, w.log, w.plugins, w.props, w.hook)
}

func newWorker(t testing.TB, b *broker, l *log, plugins connect.Plugins, props map[string]string,
	hook func(*gate, string)) *Worker {
	t.Helper()
	w := &Worker{t: t, broker: b, log: l, plugins: plugins, props: props, hook: hook}
	w.begin()
	t.Cleanup(func() {
		if w.life != nil {
			w.Stop()
		}
	})
	return w
}

// begin starts a life.
func (w *Worker) begin() {
	w.t.Helper()
	user, props := w.broker.properties()
	maps.Copy(props, map[string]string{
		"key.converter": TextConverter, "value.converter": TextConverter,
		"offset.storage.topic": offsetTopic, "offset.storage.replication.factor": "1",
		"offset.storage.partitions": "1", "offset.flush.interval.ms": "100",
		"group.id": "workertest", "consumer.session.timeout.ms": "6000", "consumer.heartbeat.interval.ms": "100",
		"consumer.fetch.max.wait.ms": "50", "task.shutdown.graceful.timeout.ms": "5000",
	})
	maps.Copy(props, w.props)
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		w.t.Fatalf("configure the worker: %v", err)
	}
	l := &life{user: user, gate: newGate(w.hook)}
	logger := slog.New(slog.NewTextHandler(w.log, nil)).With("life", user)
	if l.herder, err = standalone.New(cfg, l.gate.plugins(w.plugins).With(converters()),
		&standalone.Options{Logger: logger, WorkerID: "127.0.0.1:8083", Version: "test"}); err != nil {
		w.t.Fatalf("make the worker: %v", err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), kafkatest.Patience)
	defer cancel()
	if err := l.herder.Start(ctx); err != nil {
		w.t.Fatalf("start the worker: %v", err)
	}
	w.life = l
}

// Start starts a connector. Its configuration has the key name. The test fails when
// the worker refuses the configuration; a connector or task that fails later shows
// in [Worker.Status].
func (w *Worker) Start(connector map[string]string) {
	w.t.Helper()
	w.put(connector)
	w.connectors = append(w.connectors, maps.Clone(connector))
}

// StartJSON starts a connector from the JSON of a file for "suiro connect": an
// object with "name" and "config", or the configuration alone.
func (w *Worker) StartJSON(text string) {
	w.t.Helper()
	var file struct {
		Name   string            `json:"name"`
		Config map[string]string `json:"config"`
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil {
		w.t.Fatalf("connector %s: %v", text, err)
	}
	connector := file.Config
	if connector == nil {
		if err := json.Unmarshal([]byte(text), &connector); err != nil {
			w.t.Fatalf("connector %s: %v", text, err)
		}
	} else if file.Name != "" {
		connector = maps.Clone(connector)
		connector["name"] = file.Name
	}
	w.Start(connector)
}

func (w *Worker) put(connector map[string]string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), kafkatest.Patience)
	defer cancel()
	if _, _, err := w.alive().herder.Put(ctx, connector["name"], connector, ""); err != nil {
		w.t.Fatalf("start connector %q: %v", connector["name"], err)
	}
}

// Properties returns the properties of a client of the worker's Kafka, for a connector that opens
// clients of its own. A kill cuts no such client off: the connector closes it when it is stopped.
func (w *Worker) Properties() map[string]string { return w.broker.propertiesOf(observer) }

func (w *Worker) alive() *life {
	w.t.Helper()
	if w.life == nil {
		w.t.Fatal("the worker is not running: call Restart first")
	}
	return w.life
}

// Status returns what a connector and its tasks do.
func (w *Worker) Status(connector string) api.ConnectorStatus {
	w.t.Helper()
	s, err := w.alive().herder.Status(w.t.Context(), connector)
	if err != nil {
		w.t.Fatalf("status of connector %s: %v", connector, err)
	}
	return s
}

// AwaitRunning waits until a connector and its tasks are RUNNING. The test fails
// at once when one of them is FAILED, with the reason.
func (w *Worker) AwaitRunning(connector string) {
	w.t.Helper()
	w.Eventually("connector "+connector+" is RUNNING with its tasks", func() bool {
		w.t.Helper()
		s := w.Status(connector)
		running := w.running(connector, s.Connector) && len(s.Tasks) > 0
		for _, task := range s.Tasks {
			running = w.running(connector, task.ConnectorState) && running
		}
		return running
	})
}

func (w *Worker) running(connector string, s api.ConnectorState) bool {
	w.t.Helper()
	if s.State == api.Failed {
		w.t.Fatalf("connector %s has failed: %s", connector, s.Trace)
	}
	return s.State == api.Running
}

// Eventually waits until ok returns true, and fails the test when that takes longer
// than a minute. ok is called on the test's goroutine.
func (w *Worker) Eventually(what string, ok func() bool) {
	w.t.Helper()
	kafkatest.Eventually(w.t, what, ok)
}

// Kill ends the worker as SIGKILL ends its process. The package doc says what that
// means for goroutines that tasks have started.
func (w *Worker) Kill() {
	w.t.Helper()
	l := w.alive()
	w.life = nil
	l.gate.close()
	sent := w.broker.cut(l.user)
	l.gate.release()
	if err := w.broker.evict(w.t.Context(), sent); err != nil {
		w.t.Errorf("drop the members of a killed worker: %v", err)
	}
	go func() { _ = l.herder.Stop(context.Background()) }() // it cannot do anything any more
	w.t.Cleanup(l.gate.cleanUp)
}

// Restart begins another life of a worker that was killed or stopped, with the
// connectors that it had.
func (w *Worker) Restart() {
	w.t.Helper()
	if w.life != nil {
		w.t.Fatal("the worker is running: call Kill or Stop first")
	}
	w.begin()
	for _, c := range w.connectors {
		w.put(c)
	}
}

// Stop stops the worker as SIGTERM does: its tasks finish what they began.
func (w *Worker) Stop() {
	w.t.Helper()
	l := w.alive()
	w.life = nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.t.Context()), kafkatest.Patience)
	defer cancel()
	if err := l.herder.Stop(ctx); err != nil {
		w.t.Errorf("stop the worker: %v", err)
	}
}
