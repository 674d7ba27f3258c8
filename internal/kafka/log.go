package kafka

import (
	"context"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Logger logs the client's messages with l, as those of the logger "kafka". What
// the client calls info is about its own work, so it is logged as debug.
func Logger(l *slog.Logger) kgo.Opt { return kgo.WithLogger(logger{l.With("logger", "kafka")}) }

type logger struct{ l *slog.Logger }

// Level asks the client only for what l logs.
func (g logger) Level() kgo.LogLevel {
	ctx := context.Background()
	switch {
	case g.l.Enabled(ctx, slog.LevelDebug):
		return kgo.LogLevelInfo
	case g.l.Enabled(ctx, slog.LevelWarn):
		return kgo.LogLevelWarn
	case g.l.Enabled(ctx, slog.LevelError):
		return kgo.LogLevelError
	}
	return kgo.LogLevelNone
}

func (g logger) Log(level kgo.LogLevel, msg string, keyvals ...any) {
	to := slog.LevelDebug
	switch level {
	case kgo.LogLevelError:
		to = slog.LevelError
	case kgo.LogLevelWarn:
		to = slog.LevelWarn
	}
	g.l.Log(context.Background(), to, msg, keyvals...)
}
