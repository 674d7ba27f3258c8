package distributed_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// A connector, and its tasks on whichever worker, run with the new value soon after a file
// that they refer to has changed.
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
	provider := []string{"config.providers", "values", "config.providers.values.class", "FileConfigProvider",
		"config.providers.values.param.ttl.ms", "20"}
	c := newCluster(t, brokers, "renew")
	for port := range 2 {
		defer c.stop(c.start(port+1, provider...))
	}
	leader := c.leading()
	names := []string{"one", "two"} // with their tasks, some of it on each worker
	for _, name := range names {
		config := source(t, name, 0)
		config["file"] = "${values:" + values + ":file}"
		if _, _, err := leader.Put(t.Context(), name, config, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names {
		kafkatest.Consume(t, brokers, name, 1)
	}
	write("values.properties", "file="+second)
	for _, name := range names {
		if got := kafkatest.Values(kafkatest.Consume(t, brokers, name, 2)); got[1] != "b" {
			t.Errorf("topic %s has %q, want the line of the second file behind that of the first", name, got)
		}
	}
}
