package logs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/internal/logs"
)

func TestLevelHidesWhatIsBelowIt(t *testing.T) {
	for level, want := range map[string]string{"debug": "dwe", "INFO": "we", "warn": "we", "Error": "e"} {
		var out bytes.Buffer
		l, err := logs.New(&out, level, "text")
		if err != nil {
			t.Fatalf("New(%s): %v", level, err)
		}
		l.Debug("d")
		l.Warn("w")
		l.Error("e")
		got := ""
		for line := range strings.Lines(out.String()) {
			_, msg, _ := strings.Cut(strings.TrimSpace(line), "msg=")
			got += msg
		}
		if got != want {
			t.Errorf("--log-level %s lets through %q, want %q", level, got, want)
		}
	}
}

func TestJSONIsOneObjectALine(t *testing.T) {
	var out bytes.Buffer
	l, err := logs.New(&out, "info", "json")
	if err != nil {
		t.Fatal(err)
	}
	l.Info("kafka can be reached again", "away", 90*time.Second, "error", errors.New("connection refused"))
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%s: %v", out.String(), err)
	}
	for key, want := range map[string]any{"level": "INFO", "msg": "kafka can be reached again", "away": "1m30s",
		"error": "connection refused"} {
		if got[key] != want {
			t.Errorf("%s = %v, want %v", key, got[key], want)
		}
	}
}

func TestWrongFlagsAreNamedWithWhatIsAccepted(t *testing.T) {
	for _, c := range []struct{ level, format, want string }{
		{"verbose", "text", "--log-level verbose: must be debug, info, warn or error"},
		{"info+2", "text", "--log-level info+2: must be debug, info, warn or error"},
		{"info", "logfmt", "--log-format logfmt: must be text or json"},
	} {
		if _, err := logs.New(&bytes.Buffer{}, c.level, c.format); err == nil || err.Error() != c.want {
			t.Errorf("New(%s, %s) = %v, want %s", c.level, c.format, err, c.want)
		}
	}
}

// What is logged may quote what others have sent.
func TestLongTextsAreCut(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		l, err := logs.New(&out, "info", format)
		if err != nil {
			t.Fatal(err)
		}
		l.With("with", long).WithGroup("g").Info(long, "text", long, "error", errors.New(long))
		if got, most := out.Len(), 5*logs.Longest; got > most || !strings.Contains(out.String(), "(cut, 10485760 bytes)") {
			t.Errorf("%s: a line of four texts of 10 MiB has %d bytes, want at most %d and how long they were", format, got, most)
		}
	}
}
