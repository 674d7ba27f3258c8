package logs

import (
	"context"
	"fmt"
	"log/slog"
)

// Hide returns a logger that writes what logger does, after every message, text and
// error has gone through hide, which takes secrets out of it.
func Hide(logger *slog.Logger, hide func(text string) string) *slog.Logger {
	return slog.New(hiding{logger.Handler(), hide})
}

// hiding is a handler that hides secrets.
type hiding struct {
	slog.Handler
	hide func(string) string
}

// Handle implements [slog.Handler].
func (h hiding) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, h.hide(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(h.attr(a))
		return true
	})
	return h.Handler.Handle(ctx, out)
}

// WithAttrs implements [slog.Handler].
func (h hiding) WithAttrs(attrs []slog.Attr) slog.Handler {
	hidden := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		hidden[i] = h.attr(a)
	}
	return hiding{h.Handler.WithAttrs(hidden), h.hide}
}

// WithGroup implements [slog.Handler].
func (h hiding) WithGroup(name string) slog.Handler { return hiding{h.Handler.WithGroup(name), h.hide} }

// attr returns a without secrets. A value that has none stays what it is.
func (h hiding) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, h.hide(v.String()))
	case slog.KindGroup:
		group := make([]slog.Attr, 0, len(v.Group()))
		for _, each := range v.Group() {
			group = append(group, h.attr(each))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(group...)}
	case slog.KindAny:
		if text := fmt.Sprint(v.Any()); h.hide(text) != text {
			return slog.String(a.Key, h.hide(text))
		}
	}
	return a
}
