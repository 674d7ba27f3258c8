// Package logs makes the logger that every command of Suiro writes with, so that
// --log-level and --log-format mean the same everywhere.
package logs

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// The accepted levels and formats, as help texts and errors name them.
const (
	// Levels are the values of --log-level.
	Levels = "debug, info, warn or error"
	// Formats are the values of --log-format.
	Formats = "text or json"
)

// New returns a logger that writes lines of level and above to w: as key=value
// pairs for format text, as a JSON object per line for json. Upper and lower case
// are the same. The error names the flag, --log-level or --log-format, and what it
// accepts.
//
// Durations read the same in both formats, for instance 1m30s.
func New(w io.Writer, level, format string) (*slog.Logger, error) {
	l, err := parseLevel(level)
	if err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: l}
	switch strings.ToLower(format) {
	case "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		opts.ReplaceAttr = readable
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

// readable replaces a duration, which would be a number of nanoseconds in JSON.
func readable(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		return slog.String(a.Key, a.Value.Duration().String())
	}
	return a
}
