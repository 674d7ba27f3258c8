package standalone_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/logtest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// startKept starts a worker with connectors of files, behind which come those that are
// kept.
func startKept(t *testing.T, brokers, path string, log *logtest.Log, files ...api.CreateConnectorRequest) *standalone.Herder {
	t.Helper()
	h := fileWorker(t, brokers, log, "config.storage.file.filename", path)
	var all []*standalone.Prepared
	for _, f := range files {
		p, err := h.Prepare(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	kept, err := h.Kept()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range append(all, kept...) {
		if _, _, err := p.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func stopped(t *testing.T, h *standalone.Herder) {
	t.Helper()
	if err := h.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestConnectorsOfTheRESTAPIComeBackAfterARestart(t *testing.T) {
	brokers, path := kafkatest.Start(t, kfake.SeedTopics(1, "lines")).ListenAddrs()[0], filepath.Join(t.TempDir(), "kept")
	log := &logtest.Log{}
	file := api.CreateConnectorRequest{Name: "of-file", Config: lines(t, 1)}
	h := startKept(t, brokers, path, log, file)
	ctx := t.Context()
	for _, name := range []string{"runs", "paused", "stopped", "deleted"} {
		if _, err := h.Create(ctx, api.CreateConnectorRequest{Name: name, Config: lines(t, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	size := "17"
	_, err := h.Patch(ctx, "runs", map[string]*string{"batch.size": &size})
	for what, err := range map[string]error{"patch": err, "pause": h.Pause(ctx, "paused"), "delete": h.Delete(ctx, "deleted"),
		"stop": h.StopConnector(ctx, "stopped"), "stop of a file": h.StopConnector(ctx, "of-file")} {
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	stopped(t, h)

	h = startKept(t, brokers, path, log, file)
	defer func() { stopped(t, h) }()
	names, err := h.Connectors(ctx)
	if got, want := strings.Join(names, " "), "of-file paused runs stopped"; err != nil || got != want {
		t.Fatalf("connectors = %s, %v, want %s", got, err, want)
	}
	for name, want := range map[string]string{"runs": "RUNNING RUNNING", "paused": "PAUSED", "stopped": "STOPPED",
		"of-file": "RUNNING RUNNING"} {
		kafkatest.Eventually(t, name+" "+want, func() bool {
			s, err := h.Status(ctx, name)
			return err == nil && states(s) == want
		})
	}
	if info, err := h.Connector(ctx, "runs"); err != nil || info.Config["batch.size"] != size {
		t.Errorf("Connector = %+v, %v, want the patched configuration", info, err)
	}
}

func TestAConnectorOfAFileTakesThePlaceOfAKeptOne(t *testing.T) {
	brokers, path := kafkatest.Start(t, kfake.SeedTopics(1, "lines")).ListenAddrs()[0], filepath.Join(t.TempDir(), "kept")
	log := &logtest.Log{}
	h := startKept(t, brokers, path, log)
	if _, err := h.Create(t.Context(), api.CreateConnectorRequest{Name: "src", Config: lines(t, 1)}); err != nil {
		t.Fatal(err)
	}
	stopped(t, h)
	file := api.CreateConnectorRequest{Name: "src", Config: lines(t, 2)}
	h = startKept(t, brokers, path, log, file)
	defer func() { stopped(t, h) }()
	if info, err := h.Connector(t.Context(), "src"); err != nil || info.Config["file"] != file.Config["file"] {
		t.Errorf("Connector = %+v, %v, want that of the file", info, err)
	}
	if got := log.Lines("is not started: another of its name was given"); len(got) != 1 {
		t.Errorf("logged %q, want that the kept one is not started", log.Lines(""))
	}
}

func TestAKeptConnectorThatIsWrongIsNamed(t *testing.T) {
	brokers, path := kafkatest.Start(t, kfake.SeedTopics(1, "lines")).ListenAddrs()[0], filepath.Join(t.TempDir(), "kept")
	h := startKept(t, brokers, path, &logtest.Log{})
	source := api.CreateConnectorRequest{Name: "src", Config: api.Config{"connector.class": "FileStreamSource",
		"topic": "lines", "file": filepath.Join(t.TempDir(), "in"), "tasks.max": "1"}}
	if _, err := h.Create(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	stopped(t, h)
	replace(t, path, `"tasks.max": "1"`, `"tasks.max": "0"`)
	h = fileWorker(t, brokers, &logtest.Log{}, "config.storage.file.filename", path)
	defer func() { stopped(t, h) }()
	_, err := h.Kept()
	if err == nil || !strings.Contains(err.Error(), path+": connector src: ") || !strings.Contains(err.Error(), "tasks.max") {
		t.Errorf("Kept = %v, want an error that names the file, the connector and the key", err)
	}
}

// replace changes a text in a file, which it must have.
func replace(t *testing.T, path, old, now string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s holds %q, %v, want %q in it", path, text, err, old)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, now)), 0o600); err != nil {
		t.Fatal(err)
	}
}
