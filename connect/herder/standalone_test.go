package herder_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connectors/file"
	"github.com/twmb/franz-go/pkg/kfake"
)

func start(t *testing.T) *herder.Standalone {
	t.Helper()
	k, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "lines"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	h, err := herder.NewStandalone(map[string]string{
		"bootstrap.servers": k.ListenAddrs()[0], "key.converter": "Text", "value.converter": "Text",
		"offset.flush.interval.ms": "20", "offset.storage.file.filename": filepath.Join(t.TempDir(), "offsets"),
	}, connect.Plugins{
		Sources: []connect.SourcePlugin{file.SourcePlugin()},
		Sinks:   []connect.SinkPlugin{file.SinkPlugin()},
		Converters: []connect.ConverterPlugin{{Info: connect.Info{Class: "Text"},
			New: func(config.Values, bool) (connect.Converter, error) {
				return connecttest.Converter{Fmt: connect.FormatString}, nil
			}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
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

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestPutStartsAndReplacesAConnector(t *testing.T) {
	h := start(t)
	first := lines(t, 3)
	info, created, err := h.Put(t.Context(), "src", first)
	if err != nil || !created || info.Name != "src" || len(info.Tasks) != 1 || info.Config["name"] != "src" {
		t.Fatalf("Put = %+v, %v, %v, want a new connector with one task", info, created, err)
	}
	if _, ok := first["name"]; ok {
		t.Error("Put changed the caller's map")
	}
	ended := func() bool { n, err := h.Counts("src"); return err == nil && n.EndOfInput }
	eventually(t, "three lines", ended)
	if n, _ := h.Counts("src"); n.Read != 3 || n.Written != 3 {
		t.Errorf("counts = %+v, want 3", n)
	}
	if _, created, err = h.Put(t.Context(), "src", lines(t, 5)); err != nil || created {
		t.Fatalf("second Put = %v, %v, want the same connector", created, err)
	}
	eventually(t, "five lines", ended)
	if n, _ := h.Counts("src"); n.Written != 5 {
		t.Errorf("counts = %+v, want 5", n)
	}
	if err := h.Delete(t.Context(), "src"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Info("src"); !errors.Is(err, herder.ErrNotFound) || err.Error() != "Connector src not found" {
		t.Errorf("Info = %v, want not found", err)
	}
}

func TestPutRefusesAWrongConfigurationAndChangesNothing(t *testing.T) {
	h := start(t)
	if _, _, err := h.Put(t.Context(), "src", lines(t, 1)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config map[string]string
		want   string
	}{
		"bad value":     {map[string]string{"connector.class": "FileStreamSource", "topic": "lines", "batch.size": "0"}, "batch.size: Value must be at least 1"},
		"no class":      {map[string]string{"topic": "lines"}, "contains no connector type"},
		"unknown class": {map[string]string{"connector.class": "Nope"}, "which name matches Nope"},
		"another name":  {map[string]string{"connector.class": "FileStreamSource", "name": "other"}, "Connector name configuration (other) doesn't match connector name in the URL (src)"},
	} {
		_, _, err := h.Put(t.Context(), "src", c.config)
		if !errors.Is(err, herder.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Put = %v, want an invalid configuration with %q", name, err, c.want)
		}
	}
	if s, err := h.Status("src"); err != nil || len(s.Tasks) != 1 {
		t.Errorf("Status = %+v, %v, want the connector as it was", s, err)
	}
}

func TestRecordsPassFromSourceToSink(t *testing.T) {
	h := start(t)
	out := filepath.Join(t.TempDir(), "out")
	if _, _, err := h.Put(t.Context(), "src", lines(t, 100)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Put(t.Context(), "snk", map[string]string{"connector.class": "FileStreamSink", "file": out, "topics": "lines"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "100 lines committed", func() bool {
		n, err := h.Counts("snk")
		return err == nil && n.Written == 100 && n.Uncommitted == 0 && n.Lag == 0
	})
	text, err := os.ReadFile(out)
	if got := strings.Count(string(text), "\n"); err != nil || got != 100 {
		t.Errorf("file holds %d lines, %v, want 100", got, err)
	}
	if got := h.AllCounts(); len(got) != 2 || got[0].Connector != "snk" || got[1].Counts.Written != 100 {
		t.Errorf("AllCounts = %+v, want the sink's and the source's", got)
	}
}
