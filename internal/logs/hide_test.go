package logs_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/logs"
)

func TestHideTakesSecretsOutOfEveryPart(t *testing.T) {
	var out bytes.Buffer
	l := logs.Hide(slog.New(slog.NewTextHandler(&out, nil)), func(s string) string {
		return strings.ReplaceAll(s, "hunter2", "[hidden]")
	})
	l.With("with", "hunter2").WithGroup("g").Error("login with hunter2", "error", errors.New("bad hunter2"), "n", 7,
		slog.Group("of", "text", "hunter2"), "list", []string{"hunter2"})
	got := out.String()
	if strings.Contains(got, "hunter2") || strings.Count(got, "[hidden]") != 5 || !strings.Contains(got, "g.n=7") {
		t.Errorf("the line is %s, want five secrets hidden and the rest", got)
	}
}

// A visitor's text stays in its line, and cannot move a terminal's cursor.
func TestALineIsALine(t *testing.T) {
	const hostile = "a\nlevel=ERROR msg=forged \x1b[2J\r\x00\u2028"
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		l, err := logs.New(&out, "info", format)
		if err != nil {
			t.Fatal(err)
		}
		l.Warn(hostile, hostile, hostile, "error", errors.New(hostile), "any", []string{hostile})
		got := out.String()
		if strings.Count(got, "\n") != 1 || strings.ContainsAny(got, "\x1b\r\x00\u2028") {
			t.Errorf("%s: the line is %q, want one line that can be printed", format, got)
		}
	}
}
