// Package loggers gives each part of a worker a logger whose level can be set
// while the worker runs.
package loggers

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

// Root is the name of the logger above all others.
const Root = "root"

// The attributes that name a logger. A record with connector=x belongs to the
// logger connector.x, and one with logger=x to x; the attribute that was added
// last counts.
const (
	nameKey      = "logger"
	connectorKey = "connector"
)

// most and longestName bound the names that clients may add to those of the worker's
// own parts.
const (
	most        = 1000
	longestName = 250 // bytes
)

// levelNames are the names of levels in Kafka Connect, from the least severe to
// the most severe. A name stands for what is logged from it on.
var levelNames = []struct {
	name  string
	level slog.Level
}{
	{"ALL", math.MinInt32},
	{"TRACE", slog.LevelDebug - 4},
	{"DEBUG", slog.LevelDebug},
	{"INFO", slog.LevelInfo},
	{"WARN", slog.LevelWarn},
	{"ERROR", slog.LevelError},
	{"FATAL", slog.LevelError + 4},
	{"OFF", math.MaxInt32},
}

var _ herder.Loggers = (*Levels)(nil)

// Levels are the levels of a worker's loggers. They are safe for concurrent
// use.
type Levels struct {
	handler slog.Handler

	mu      sync.Mutex // guards loggers
	loggers map[string]*logger
}

// logger is one name with a level.
type logger struct {
	level    slog.LevelVar
	modified *int64 // milliseconds since 1970; nil when it was never set
}

// New returns levels for what is written with l. Root begins with the level
// from which on l writes.
func New(l *slog.Logger) *Levels {
	levels := &Levels{handler: l.Handler(), loggers: map[string]*logger{Root: {}}}
	first := slog.Level(math.MaxInt32)
	for _, n := range slices.Backward(levelNames) {
		if n.name != "ALL" && n.name != "OFF" && l.Enabled(context.Background(), n.level) {
			first = n.level
		}
	}
	levels.loggers[Root].level.Set(first)
	return levels
}

// Logger returns the logger of a part of the worker. Each record carries the name
// of its logger, so that an operator sees whose level to set.
func (l *Levels) Logger(name string) *slog.Logger {
	return slog.New(&handler{l.handler, l, name, &l.named(name).level})
}

// named finds a logger, or makes it with the level of the nearest one above.
func (l *Levels) named(name string) *logger {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.find(name)
}

// find is named with the lock held.
func (l *Levels) find(name string) *logger {
	if strings.EqualFold(name, Root) || name == "" {
		return l.loggers[Root]
	}
	if found := l.loggers[name]; found != nil {
		return found
	}
	made := &logger{}
	made.level.Set(l.above(name).level.Level())
	l.loggers[name] = made
	return made
}

// above finds the nearest logger that the name is below.
func (l *Levels) above(name string) *logger {
	for {
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 {
			return l.loggers[Root]
		}
		name = name[:dot]
		if found := l.loggers[name]; found != nil {
			return found
		}
	}
}

// LoggerLevels implements [herder.Loggers].
func (l *Levels) LoggerLevels() map[string]api.LoggerLevel {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[string]api.LoggerLevel, len(l.loggers))
	for name, logger := range l.loggers {
		out[name] = api.LoggerLevel{Level: nameOf(logger.level.Level()), LastModified: logger.modified}
	}
	return out
}

// SetLoggerLevel implements [herder.Loggers].
func (l *Levels) SetLoggerLevel(name, level string) ([]string, error) {
	level = strings.TrimSpace(level)
	i := slices.IndexFunc(levelNames, func(n struct {
		name  string
		level slog.Level
	}) bool {
		return strings.EqualFold(n.name, level)
	})
	if i < 0 {
		return nil, herder.Errorf(herder.ErrNotFound, "invalid log level '%s'.", level)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.loggers[name] == nil && !strings.EqualFold(name, Root) && (len(name) > longestName || len(l.loggers) >= most) {
		return nil, herder.Errorf(herder.ErrInvalid, "There is no logger %.100q, and no room for another one: "+
			"set the level of one that GET /admin/loggers lists.", name)
	}
	known := l.loggers[name] != nil
	top := l.find(name)
	changed := []string{}
	now := time.Now().UnixMilli()
	for other, logger := range l.loggers {
		if top != l.loggers[Root] && other != name && !strings.HasPrefix(other, name+".") {
			continue
		}
		if logger.level.Level() == levelNames[i].level && (known || logger != top) {
			continue
		}
		logger.level.Set(levelNames[i].level)
		logger.modified = &now
		changed = append(changed, other)
	}
	slices.Sort(changed)
	return changed, nil
}

// SetClusterLoggerLevel implements [herder.Loggers] for a cluster of one worker.
func (l *Levels) SetClusterLoggerLevel(_ context.Context, name, level string) error {
	_, err := l.SetLoggerLevel(name, level)
	return err
}

func nameOf(level slog.Level) string {
	for _, n := range levelNames {
		if level <= n.level {
			return n.name
		}
	}
	return fmt.Sprint(level)
}

// handler passes on what the level of its logger lets through, with the name of
// the logger. It does not ask the handler below, as the level may be lower than
// the one that this was made with.
type handler struct {
	next   slog.Handler
	levels *Levels
	name   string
	level  *slog.LevelVar
}

// Enabled implements [slog.Handler].
func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level.Level() }

// Handle implements [slog.Handler].
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone()
	r.AddAttrs(slog.String(nameKey, h.name))
	return h.next.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := &handler{h.next, h.levels, h.name, h.level}
	rest := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		switch a.Key {
		case nameKey:
			out.name = a.Value.String()
			continue // Handle adds it
		case connectorKey:
			out.name = connectorKey + "." + a.Value.String()
		}
		rest = append(rest, a)
	}
	out.next, out.level = h.next.WithAttrs(rest), &h.levels.named(out.name).level
	return out
}

// WithGroup implements [slog.Handler].
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.next.WithGroup(name), h.levels, h.name, h.level}
}
