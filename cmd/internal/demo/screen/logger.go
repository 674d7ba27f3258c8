package screen

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/suiro/suiro/internal/rejections"
)

// quietFor is how long a warning that was shown is not shown again.
const quietFor = 10 * time.Second

// logHandler writes everything to the demo's log and shows warnings.
type logHandler struct {
	slog.Handler
	screen *Screen
	seen   *seen
	attrs  string
}

// seen is when warnings were last shown.
type seen struct {
	mu sync.Mutex // guards at
	at map[string]time.Time
}

// NewLogger returns a logger that writes everything to file, and warnings to s as
// well, each at most once in 10 seconds. Rejected records are left to the table at
// the end, which lists them.
func NewLogger(file io.Writer, s *Screen) *slog.Logger {
	text := slog.NewTextHandler(file, &slog.HandlerOptions{Level: slog.LevelInfo})
	return slog.New(logHandler{text, s, &seen{at: map[string]time.Time{}}, ""})
}

// Handle implements [slog.Handler].
func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	rejected := r.Message == rejections.First || r.Message == rejections.More
	if r.Level >= slog.LevelWarn && !rejected && h.seen.first(h.attrs+r.Message, r.Time) {
		line := "  warning: " + r.Message + h.attrs
		r.Attrs(func(a slog.Attr) bool {
			line += fmt.Sprintf(" %s=%v", a.Key, a.Value)
			return true
		})
		h.screen.Above(line)
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

// first reports whether a warning has not been shown for quietFor.
func (s *seen) first(warning string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.at[warning]; ok && now.Sub(last) < quietFor {
		return false
	}
	s.at[warning] = now
	return true
}
