package standalone_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/logtest"
)

// A connector that refers to a value of a file runs with the new one soon after the file
// has changed, unless it says that it does not want to.
func TestAConnectorIsRestartedWhenItsValuesChange(t *testing.T) {
	brokers := kafkatest.Start(t).ListenAddrs()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first, second := write("first", "a\n"), write("second", "b\n")
	values := write("values.properties", "file="+first)
	h := fileWorker(t, brokers[0], &logtest.Log{}, "config.providers", "values",
		"config.providers.values.class", "FileConfigProvider", "config.providers.values.param.ttl.ms", "10")
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	for name, action := range map[string]string{"follows": "restart", "stays": "NONE"} {
		config := map[string]string{"connector.class": "FileStreamSource", "file": "${values:" + values + ":file}",
			"topic": name, "config.action.reload": action, "topic.creation.default.partitions": "1",
			"topic.creation.default.replication.factor": "1"}
		if _, _, err := h.Put(t.Context(), name, config, ""); err != nil {
			t.Fatal(err)
		}
		kafkatest.Consume(t, brokers, name, 1)
	}
	write("values.properties", "file="+second)
	if got := kafkatest.Values(kafkatest.Consume(t, brokers, "follows", 2)); got[1] != "b" {
		t.Errorf("the topic has %q, want the line of the second file behind that of the first", got)
	}
	write("first", "a\nc\n")
	if got := kafkatest.Values(kafkatest.Consume(t, brokers, "stays", 2)); got[1] != "c" {
		t.Errorf("the topic has %q, want that the connector goes on with the first file", got)
	}
}
