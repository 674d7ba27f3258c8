package standalone_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connectors/file"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/logtest"
	"github.com/twmb/franz-go/pkg/kfake"
)

// fileWorker is a worker for the file connectors that has not been started.
func fileWorker(t *testing.T, brokers string, log *logtest.Log, more ...string) *standalone.Herder {
	t.Helper()
	props := map[string]string{"bootstrap.servers": brokers, "key.converter": "Text", "value.converter": "Text",
		"offset.storage.file.filename": filepath.Join(t.TempDir(), "offsets")}
	for i := 0; i < len(more); i += 2 {
		props[more[i]] = more[i+1]
	}
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		t.Fatal(err)
	}
	h, err := standalone.New(cfg, connect.Plugins{
		Sources: []connect.SourcePlugin{file.SourcePlugin()}, Sinks: []connect.SinkPlugin{file.SinkPlugin()},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
	}, &standalone.Options{Logger: log.Logger(), Version: "v1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// One line says what a worker is when it starts, and one what a connector is; so do
// two when they stop.
func TestTheLogSaysWhatRuns(t *testing.T) {
	k := kafkatest.Start(t, kfake.SeedTopics(1, "lines"), kfake.ClusterID("the-cluster"))
	log := &logtest.Log{}
	h := fileWorker(t, k.ListenAddrs()[0], log, "listeners", "http://127.0.0.1:9999", "offset.flush.interval.ms", "20")
	src, err := h.Prepare(api.CreateConnectorRequest{Name: "src", Config: lines(t, 3)})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Ready().Reasons; len(got) != 2 || got[1] != "connector src is not started yet" {
		t.Errorf("not ready for %q, want the start of the worker and of the connector", got)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := src.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the end of the file", func() bool {
		n, err := h.Counts("src")
		return err == nil && n.EndOfInput
	})
	if got := h.Ready(); !got.Ready {
		t.Errorf("readiness = %+v, want ready", got)
	}
	if err := h.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		`"worker started"`: {"version=v1.2.3", "worker_id=127.0.0.1:9999", "connectors=src", "brokers=" + k.ListenAddrs()[0],
			"cluster=the-cluster", `offsets="file `, "listeners=http://127.0.0.1:9999", "plugins=3"},
		`"connector started"`: {"connector=src", "class=FileStreamSource", "tasks=1", "key_converter=Text", "value_converter=Text"},
		`"task started"`:      {"connector=src", "task=0", "took="},
		`"task stopped"`:      {"was=RUNNING", "ran=", "read=3 written=3"},
		`"connector stopped"`: {"connector=src", `why="the worker stops"`, "took=", "read=3 written=3 rejected=0"},
		`"worker stopped"`:    {"ran=", "took="},
	} {
		got := log.Lines("msg=" + text)
		if len(got) != 1 {
			t.Errorf("logged %q, want one line with %s", got, text)
			continue
		}
		for _, w := range want {
			if !strings.Contains(got[0], w) {
				t.Errorf("logged %s, want %s in it", got[0], w)
			}
		}
	}
}
