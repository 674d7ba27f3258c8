package standalone_test

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder/api"
)

// A name is part of group and transaction names, of lines in the log and of paths of
// the REST API; Kafka Connect takes everything but control characters.
func TestNamesOfConnectors(t *testing.T) {
	h := start(t)
	config := func() map[string]string {
		return map[string]string{"connector.class": "FileStreamSink", "topics": "lines", "file": t.TempDir() + "/out"}
	}
	for _, name := range []string{"a/b", "..", ".", "größe 日本", "a%2Fb", "a?b#c", `"`, strings.Repeat("x", 1000)} {
		info, created, err := h.Put(t.Context(), name, config(), "")
		if err != nil || !created || info.Name != name {
			t.Errorf("Put(%.20q) = %+v, %v, want the connector", name, info, err)
			continue
		}
		if got, err := h.Status(t.Context(), name); err != nil || got.Connector.State != api.Running {
			t.Errorf("Status(%.20q) = %+v, %v, want RUNNING", name, got, err)
		}
		if err := h.Delete(t.Context(), name); err != nil {
			t.Errorf("Delete(%.20q) = %v, want nil", name, err)
		}
	}
	for name, want := range map[string]string{
		"": "may not be empty", "a\nb": "control characters", "a\x00": "control characters", "\x1b[2J": "control characters",
		"a\u0085b": "control characters", strings.Repeat("x", 1001): "at most 1000 bytes, and has 1001",
	} {
		_, _, err := h.Put(t.Context(), name, config(), "")
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 3000 {
			t.Errorf("Put(%.20q) = %.3000v, want an error that says %q", name, err, want)
		}
	}
}
