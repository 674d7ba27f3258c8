package demo

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// screen is what a person sees. On a terminal the lines of progress are
// painted over, elsewhere they follow one another.
type screen struct {
	mu       sync.Mutex // guards all below and the order of output
	w        io.Writer
	terminal bool
	painted  int // lines of progress above the cursor
}

// println writes one line, below the lines of progress.
func (s *screen) println(a ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.painted = 0
	fmt.Fprintln(s.w, a...)
}

// printf writes one line, below the lines of progress.
func (s *screen) printf(format string, a ...any) { s.println(fmt.Sprintf(format, a...)) }

// above writes a line above the lines of progress, which are painted anew.
func (s *screen) above(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipe()
	fmt.Fprintln(s.w, line)
}

// wipe removes the lines of progress. The caller holds mu.
func (s *screen) wipe() {
	if s.terminal && s.painted > 0 {
		fmt.Fprintf(s.w, "\x1b[%dA\x1b[J", s.painted)
	}
	s.painted = 0
}

// paint writes lines of progress in place of the last ones.
func (s *screen) paint(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipe()
	for _, l := range lines {
		fmt.Fprintln(s.w, l)
	}
	s.painted = len(lines)
}

func (s *screen) bold(text string) string {
	if !s.terminal {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

// progressLines shows the stages since the last sample.
func (d *demo) progressLines(now, last sample) []string {
	seconds := now.at.Sub(last.at).Seconds()
	lines := make([][]string, 0, len(now.stages))
	for i, p := range now.stages {
		rate := int64(float64(p.processed-last.stages[i].processed) / seconds)
		lag := number(p.lag)
		if p.lag < 0 {
			lag = "?"
		}
		lines = append(lines, []string{fmt.Sprintf("%4ds  %s", int(now.at.Sub(d.began).Seconds()), d.list[i].name),
			number(max(rate, 0)) + " records/s", "lag " + pad(lag, 9), "rejected " + pad(number(p.rejected), 6)})
	}
	// The first line keeps the columns where they are when numbers grow.
	wide := append([][]string{{strings.Repeat(" ", 20), strings.Repeat(" ", 18), "", ""}}, lines...)
	return aligned(wide)[1:]
}

func pad(s string, n int) string { return strings.Repeat(" ", max(0, n-len(s))) + s }

// quietFor is how long the same warning is not shown again.
const quietFor = 10 * time.Second

// logHandler writes everything to the demo's log and shows warnings.
type logHandler struct {
	slog.Handler
	screen *screen
	seen   *seen
	attrs  string
}

// seen is when warnings were last shown.
type seen struct {
	mu sync.Mutex // guards at
	at map[string]time.Time
}

func newLogger(file io.Writer, s *screen) *slog.Logger {
	text := slog.NewTextHandler(file, &slog.HandlerOptions{Level: slog.LevelInfo})
	return slog.New(logHandler{text, s, &seen{at: map[string]time.Time{}}, ""})
}

// Handle implements [slog.Handler].
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn && h.seen.first(h.attrs+r.Message, r.Time) {
		line := "  warning: " + r.Message + h.attrs
		r.Attrs(func(a slog.Attr) bool {
			line += fmt.Sprintf(" %s=%v", a.Key, a.Value)
			return true
		})
		h.screen.above(line)
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	for _, a := range attrs {
		h.attrs += fmt.Sprintf(" %s=%v", a.Key, a.Value)
	}
	return h
}

// WithGroup implements [slog.Handler].
func (h logHandler) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}

// first reports whether a warning was not shown a moment ago.
func (s *seen) first(warning string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.at[warning]; ok && now.Sub(last) < quietFor {
		return false
	}
	s.at[warning] = now
	return true
}
