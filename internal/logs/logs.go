// Package logs makes the logger that every command of Suiro writes with, so that
// --log-level and --log-format mean the same everywhere.
package logs

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/suiro/suiro/internal/excerpt"
)

// The accepted levels and formats, as help texts and errors name them.
const (
	// Levels are the values of --log-level.
	Levels = "debug, info, warn or error"
	// Formats are the values of --log-format.
	Formats = "text or json"
)

// Longest is how many bytes of a text a line of the log has at most.
const Longest = 64 << 10

// New returns a logger that writes lines of level and above to w: as key=value
// pairs for format text, as a JSON object per line for json. Upper and lower case
// are the same. The error names the flag, --log-level or --log-format, and what it
// accepts.
//
// Durations read the same in both formats, for instance 1m30s. Of a long text,
// such as an error that quotes a record, a line has the first [Longest] bytes and
// how long it was.
func New(w io.Writer, level, format string) (*slog.Logger, error) {
	l, err := parseLevel(level)
	if err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: l, ReplaceAttr: bounded}
	switch strings.ToLower(format) {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		opts.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr { return readable(groups, bounded(groups, a)) }
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return nil, fmt.Errorf("--log-format %s: must be %s", format, Formats)
}

func parseLevel(level string) (slog.Level, error) {
	switch strings.ToLower(level) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("--log-level %s: must be %s", level, Levels)
}

// bounded cuts a text that is too long for a line.
func bounded(_ []string, a slog.Attr) slog.Attr {
	text := ""
	switch v := a.Value.Any().(type) {
	case string:
		text = v
	case error:
		text = v.Error()
	}
	if len(text) > Longest {
		a.Value = slog.StringValue(excerpt.Text(text, Longest))
	}
	return a
}

// readable replaces a duration, which would be a number of nanoseconds in JSON.
func readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		return slog.String(a.Key, a.Value.Duration().String())
	}
	return a
}
