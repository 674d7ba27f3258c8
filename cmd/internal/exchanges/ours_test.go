// Package exchanges_test compares the answers of our worker's REST API with those of Kafka
// Connect's, request by request.
package exchanges_test

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

// properties are those of a worker of a group, ours or Java's.
func properties(brokers []string, group string) map[string]string {
	return map[string]string{"bootstrap.servers": strings.Join(brokers, ","), "group.id": group,
		"config.storage.topic": group + "-configs", "offset.storage.topic": group + "-offsets",
		"status.storage.topic": group + "-status", "config.storage.replication.factor": "1",
		"offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
		"offset.storage.partitions": "1", "status.storage.partitions": "1",
		"key.converter":   "org.apache.kafka.connect.storage.StringConverter",
		"value.converter": "org.apache.kafka.connect.storage.StringConverter",
		// The least that a broker takes, and short times.
		"session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "scheduled.rebalance.max.delay.ms": "0",
		"offset.flush.interval.ms": "200",
		// For requests with an Origin.
		"access.control.allow.origin": "https://console.example.com", "access.control.allow.methods": "GET,POST"}
}

// file writes properties.
func file(t *testing.T, props map[string]string) string {
	t.Helper()
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(props)) {
		fmt.Fprintf(&text, "%s=%s\n", key, props[key])
	}
	path := filepath.Join(t.TempDir(), "worker.properties")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start starts a worker of ours as a process, and returns its address.
func start(t *testing.T, props map[string]string) string {
	t.Helper()
	address := servicetest.FreeAddress(t)
	props = maps.Clone(props)
	props["listeners"] = "http://" + address
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), childFile+"="+file(t, props)), log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("our worker ended with %v", err)
		}
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("log of our worker at %s:\n%s", address, text)
		}
	})
	kafkatest.Eventually(t, "our worker to be ready", func() bool {
		res, err := http.Get("http://" + address + "/ready")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return address
}
