package standalone_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/herder/standalone"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connectors/file"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/twmb/franz-go/pkg/kfake"
)

func newHerder(t *testing.T, props map[string]string, plugins connect.Plugins) *standalone.Herder {
	t.Helper()
	cfg, err := plan.ParseConfig(props)
	if err != nil {
		t.Fatal(err)
	}
	h, err := standalone.New(cfg, plugins, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// start starts a herder with the file connectors and further sources.
func start(t *testing.T, more ...connect.SourcePlugin) *standalone.Herder {
	t.Helper()
	k := kafkatest.Start(t, kfake.SeedTopics(1, "lines"))
	h := newHerder(t, map[string]string{
		"bootstrap.servers": k.ListenAddrs()[0], "key.converter": "Text", "value.converter": "Text",
		"offset.flush.interval.ms": "20", "offset.storage.file.filename": filepath.Join(t.TempDir(), "offsets"),
	}, connect.Plugins{
		Sources: append(more, file.SourcePlugin()),
		Sinks:   []connect.SinkPlugin{file.SinkPlugin()},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
	})
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Stop(context.Background()); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
	return h
}

// lines is a source's configuration over a new file of n lines.
func lines(t *testing.T, n int) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in")
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"connector.class": "FileStreamSource", "file": path, "topic": "lines", "file.end": "stop"}
}

func TestPutStartsAndReplacesAConnector(t *testing.T) {
	h := start(t)
	first := lines(t, 3)
	info, created, err := h.Put(t.Context(), "src", first, "")
	if err != nil || !created || info.Name != "src" || len(info.Tasks) != 1 || info.Config["name"] != "src" {
		t.Fatalf("Put = %+v, %v, %v, want a new connector with one task", info, created, err)
	}
	if _, ok := first["name"]; ok {
		t.Error("Put changed the caller's map")
	}
	ended := func() bool { n, err := h.Counts("src"); return err == nil && n.EndOfInput }
	kafkatest.Eventually(t, "three lines", ended)
	if n, _ := h.Counts("src"); n.Read != 3 || n.Written != 3 {
		t.Errorf("counts = %+v, want 3", n)
	}
	if _, created, err = h.Put(t.Context(), "src", lines(t, 5), ""); err != nil || created {
		t.Fatalf("second Put = %v, %v, want the same connector", created, err)
	}
	kafkatest.Eventually(t, "five lines", ended)
	if n, _ := h.Counts("src"); n.Written != 5 {
		t.Errorf("counts = %+v, want 5", n)
	}
	if err := h.Delete(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	_, err = h.Connector(t.Context(), "src")
	if !errors.Is(err, herder.ErrNotFound) || err.Error() != "Connector src not found" {
		t.Errorf("Connector = %v, want not found", err)
	}
}

func TestPutRefusesAWrongConfigurationAndChangesNothing(t *testing.T) {
	h := start(t)
	if _, _, err := h.Put(t.Context(), "src", lines(t, 1), ""); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config map[string]string
		want   string
	}{
		"bad value": {map[string]string{"connector.class": "FileStreamSource", "topic": "lines", "batch.size": "0"},
			"batch.size: Value must be at least 1"},
		"no class":      {map[string]string{"topic": "lines"}, "contains no connector type"},
		"unknown class": {map[string]string{"connector.class": "Nope"}, "which name matches Nope"},
		"another name": {map[string]string{"connector.class": "FileStreamSource", "name": "other"},
			"Connector name configuration (other) doesn't match connector name in the URL (src)"},
	} {
		_, _, err := h.Put(t.Context(), "src", c.config, "")
		if !errors.Is(err, herder.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Put = %v, want an invalid configuration with %q", name, err, c.want)
		}
	}
	if s, err := h.Status(t.Context(), "src"); err != nil || len(s.Tasks) != 1 {
		t.Errorf("Status = %+v, %v, want the connector as it was", s, err)
	}
}

func TestRecordsPassFromSourceToSink(t *testing.T) {
	h := start(t)
	out := filepath.Join(t.TempDir(), "out")
	if _, _, err := h.Put(t.Context(), "src", lines(t, 100), ""); err != nil {
		t.Fatal(err)
	}
	sink := map[string]string{"connector.class": "FileStreamSink", "file": out, "topics": "lines"}
	if _, _, err := h.Put(t.Context(), "snk", sink, ""); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "100 lines committed", func() bool {
		n, err := h.Counts("snk")
		return err == nil && n.Written == 100 && n.Uncommitted == 0 && n.Lag == 0
	})
	text, err := os.ReadFile(out)
	if got := strings.Count(string(text), "\n"); err != nil || got != 100 {
		t.Errorf("file holds %d lines, %v, want 100", got, err)
	}
	if got, err := h.ActiveTopics(t.Context(), "snk"); err != nil || !slices.Equal(got.Topics, []string{"lines"}) {
		t.Errorf("ActiveTopics of the sink = %v, %v, want the topic that it reads", got, err)
	}
	if got := h.Metrics(); len(got.Connectors) != 2 || len(got.Tasks) != 2 || got.Tasks[0].ID.Connector != "snk" {
		t.Errorf("Metrics = %+v, want the sink's and the source's", got)
	}
}

// planner is a source connector whose Start is a function of the test.
type planner struct {
	start func() error
}

func (p planner) Start(context.Context, config.Values) error            { return p.start() }
func (p planner) TaskConfigs(maxTasks int) ([]map[string]string, error) { return nil, nil }
func (p planner) Stop() error                                           { return nil }
func (p planner) NewTask() connect.SourceTask                           { return nil }

func planned(start func() error) connect.SourcePlugin {
	return connect.SourcePlugin{Info: connect.Info{Class: "Planner", Version: "2.0"},
		New: func() connect.SourceConnector { return planner{start} }}
}

func TestASlowConnectorHoldsUpNoOther(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	h := start(t, planned(func() error { close(entered); <-release; return nil }))
	slow := make(chan error)
	go func() {
		_, _, err := h.Put(t.Context(), "slow", map[string]string{"connector.class": "Planner"}, "")
		slow <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), kafkatest.Patience)
	defer cancel()
	other := make(chan error)
	go func() {
		_, _, err := h.Put(ctx, "src", lines(t, 1), "")
		other <- err
	}()
	select {
	case err := <-other:
		if err != nil {
			t.Errorf("Put of another connector = %v, want none", err)
		}
	case <-ctx.Done():
		t.Error("Put of another connector waits for the slow one")
	}
	close(release)
	if err := <-slow; err != nil {
		t.Errorf("Put of the slow connector = %v, want none", err)
	}
}

func TestAConnectorThatCannotStartIsFailed(t *testing.T) {
	h := start(t, planned(func() error { return errors.New("no such database") }))
	info, created, err := h.Put(t.Context(), "bad", map[string]string{"connector.class": "Planner"}, "")
	if err != nil || !created || len(info.Tasks) != 0 {
		t.Fatalf("Put = %+v, %v, %v, want a new connector without tasks", info, created, err)
	}
	s, err := h.Status(t.Context(), "bad")
	if err != nil || s.Connector.State != api.Failed || !strings.Contains(s.Connector.Trace, "no such database") ||
		s.Connector.Version != "2.0" || s.Type != api.Source {
		t.Errorf("Status = %+v, %v, want FAILED with the reason", s, err)
	}
	if err := h.Delete(t.Context(), "bad"); err != nil {
		t.Errorf("Delete = %v, want none", err)
	}
}

func TestAFailedConnectorIsStartedAgain(t *testing.T) {
	var starts atomic.Int32
	h := start(t, planned(func() error {
		if starts.Add(1) < 3 {
			return errors.New("no such database")
		}
		return nil
	}))
	config := map[string]string{"connector.class": "Planner", "errors.restart.delay.ms": "1"}
	if _, _, err := h.Put(t.Context(), "bad", config, ""); err != nil {
		t.Fatal(err)
	}
	kafkatest.Eventually(t, "the connector runs", func() bool {
		s, err := h.Status(t.Context(), "bad")
		return err == nil && s.Connector.State == api.Running && s.Connector.Trace == ""
	})
	if got := starts.Load(); got != 3 {
		t.Errorf("the connector was started %d times, want 3", got)
	}
	if got := h.Metrics().Connectors[0].Restarts; got != 2 {
		t.Errorf("%d restarts are counted, want 2", got)
	}
}

func TestAConnectorThatCanNeverWorkStaysFailed(t *testing.T) {
	var starts atomic.Int32
	h := start(t, planned(func() error {
		starts.Add(1)
		return config.Errors{config.Errorf("table", "shop", "does not exist")}
	}))
	props := map[string]string{"connector.class": "Planner", "errors.restart.delay.ms": "1"}
	if _, _, err := h.Put(t.Context(), "bad", props, ""); err != nil {
		t.Fatal(err)
	}
	if err := h.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := starts.Load(); got != 1 {
		t.Errorf("the connector was started %d times, want 1", got)
	}
}

func TestInitialStateIsKeptUntilAskedOtherwise(t *testing.T) {
	for _, initial := range []api.InitialState{api.InitialPaused, api.InitialStopped} {
		t.Run(string(initial), func(t *testing.T) {
			h := start(t)
			for _, asked := range []api.InitialState{initial, ""} { // another configuration does not start it
				if _, _, err := h.Put(t.Context(), "src", lines(t, 1), asked); err != nil {
					t.Fatal(err)
				}
				s, err := h.Status(t.Context(), "src")
				if err != nil || s.Connector.State != api.State(initial) || len(s.Tasks) != 0 {
					t.Fatalf("Status = %+v, %v, want %s without tasks", s, err, initial)
				}
			}
			if _, _, err := h.Put(t.Context(), "src", lines(t, 1), api.InitialRunning); err != nil {
				t.Fatal(err)
			}
			if s, err := h.Status(t.Context(), "src"); err != nil || s.Connector.State != api.Running || len(s.Tasks) != 1 {
				t.Errorf("Status = %+v, %v, want RUNNING with a task", s, err)
			}
		})
	}
}

func TestConvertersAreMadeOnce(t *testing.T) {
	var made atomic.Int32
	h := newHerder(t, map[string]string{"key.converter": "Text", "value.converter": "Text",
		"bootstrap.servers":            kafkatest.Start(t).ListenAddrs()[0],
		"offset.storage.file.filename": filepath.Join(t.TempDir(), "offsets")}, connect.Plugins{
		Sources: []connect.SourcePlugin{planned(func() error { return nil })},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
			New: func(config.Values, bool) (connect.Converter, error) {
				made.Add(1)
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
	})
	p, err := h.Prepare(api.CreateConnectorRequest{Name: "x", Config: api.Config{"connector.class": "Planner"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := made.Load(); got != 2 {
		t.Errorf("%d converters were made, want one for keys and one for values", got)
	}
}

func TestPutBeforeStartChangesNothing(t *testing.T) {
	h := newHerder(t, map[string]string{"key.converter": "Text", "value.converter": "Text",
		"offset.storage.file.filename": "f"}, connect.Plugins{
		Sources: []connect.SourcePlugin{planned(func() error { return nil })},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
	})
	_, _, err := h.Put(t.Context(), "x", map[string]string{"connector.class": "Planner"}, "")
	if !errors.Is(err, herder.ErrStarting) {
		t.Errorf("Put = %v, want that the worker is not running", err)
	}
	if names, err := h.Connectors(t.Context()); err != nil || len(names) != 0 {
		t.Errorf("Connectors = %v, %v, want none", names, err)
	}
}
