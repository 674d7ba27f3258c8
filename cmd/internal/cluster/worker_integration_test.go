//go:build integration

package cluster_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
)

// childFile is the variable that makes this test program a worker, with that file.
const childFile = "SUIRO_TEST_WORKER"

func TestMain(m *testing.M) {
	if file := os.Getenv(childFile); file != "" {
		os.Args = []string{"suiro", "connect", "--config", file}
		cli.Main(builtin.Plugins())
		return
	}
	os.Exit(m.Run())
}

// worker is a process of the group.
type worker struct {
	t       *testing.T
	name    string
	address string // of its REST API, and its id
	file    string
	log     string
	scheme  string       // of its REST API
	client  *http.Client // that reaches it
	cmd     *exec.Cmd    // nil while it does not run
}

// worker makes a worker that does not run yet; more are properties that differ.
func (s *stage) worker(name string, more map[string]string) *worker {
	s.t.Helper()
	dir := s.t.TempDir()
	w := &worker{t: s.t, name: name, address: servicetest.FreeAddress(s.t), file: filepath.Join(dir, name+".properties"),
		log: filepath.Join(dir, name+".log"), scheme: "http", client: http.DefaultClient}
	s.addresses = append(s.addresses, w.address)
	props := map[string]string{"bootstrap.servers": strings.Join(s.brokers, ","), "group.id": s.group,
		"listeners": "http://" + w.address, "config.storage.topic": s.configs, "offset.storage.topic": s.offsets,
		"status.storage.topic": s.statuses, "config.storage.replication.factor": "1",
		"offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
		"offset.storage.partitions": "2", "status.storage.partitions": "2",
		"key.converter":         "org.apache.kafka.connect.storage.StringConverter",
		"value.converter":       "org.apache.kafka.connect.storage.StringConverter",
		"session.timeout.ms":    "6000", // the least that a broker takes
		"heartbeat.interval.ms": "500", "scheduled.rebalance.max.delay.ms": "1000",
		"offset.flush.interval.ms": "200", "consumer.session.timeout.ms": "6000",
		"consumer.heartbeat.interval.ms": "500"}
	maps.Copy(props, more)
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(props)) {
		fmt.Fprintf(&text, "%s=%s\n", key, props[key])
	}
	if err := os.WriteFile(w.file, []byte(text.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if w.cmd != nil {
			w.thaw()
			w.end(syscall.SIGTERM)
		}
		if s.t.Failed() {
			text, _ := os.ReadFile(w.log)
			s.t.Logf("log of %s at %s:\n%s", name, w.address, text)
		}
	})
	return w
}

// edit replaces a text in the worker's file.
func (w *worker) edit(old, by string) {
	w.t.Helper()
	text, err := os.ReadFile(w.file)
	if err == nil {
		err = os.WriteFile(w.file, []byte(strings.Replace(string(text), old, by, 1)), 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// start starts the process, and waits until its REST API answers as a part of the group.
func (w *worker) start() {
	w.t.Helper()
	w.launch()
	kafkatest.Eventually(w.t, w.name+" to be ready", w.ready)
}

// launch starts the process.
func (w *worker) launch() {
	w.t.Helper()
	out, err := os.OpenFile(w.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), childFile+"="+w.file), out, out
	if err := cmd.Start(); err != nil {
		w.t.Fatalf("start %s: %v", w.name, err)
	}
	w.cmd = cmd
}

func (w *worker) ready() bool {
	res, err := w.client.Get(w.scheme + "://" + w.address + "/ready")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends the process as a crash does.
func (w *worker) kill() { w.t.Helper(); w.end(syscall.SIGKILL) }

// stop ends the process as an operator does.
func (w *worker) stop() { w.t.Helper(); w.end(syscall.SIGTERM) }

// freeze stops the process without ending it, until thaw.
func (w *worker) freeze() { w.t.Helper(); w.signal(syscall.SIGSTOP) }

func (w *worker) thaw() { w.t.Helper(); w.signal(syscall.SIGCONT) }

func (w *worker) end(s syscall.Signal) {
	w.t.Helper()
	w.signal(s)
	if err := w.cmd.Wait(); err != nil && s != syscall.SIGKILL {
		w.t.Errorf("%s ended with: %v", w.name, err)
	}
	w.cmd = nil
}

func (w *worker) signal(s syscall.Signal) {
	w.t.Helper()
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Errorf("send %v to %s: %v", s, w.name, err)
	}
}
