package loggers

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/herder"
)

func newLevels(level slog.Level) (*Levels, *bytes.Buffer) {
	var out bytes.Buffer
	return New(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level}))), &out
}

func set(t *testing.T, l *Levels, name, level string) []string {
	t.Helper()
	changed, err := l.SetLoggerLevel(name, level)
	if err != nil {
		t.Fatalf("SetLoggerLevel(%s, %s) = %v", name, level, err)
	}
	return changed
}

func TestEachLoggerHasALevelOfItsOwn(t *testing.T) {
	l, out := newLevels(slog.LevelInfo)
	worker, herder := l.Logger("worker"), l.Logger("herder")
	task := worker.With("connector", "src", "task", 0)
	if got, want := set(t, l, "connector.src", "debug"), []string{"connector.src"}; !slices.Equal(got, want) {
		t.Errorf("changed = %v, want %v", got, want)
	}
	set(t, l, "worker", "ERROR")
	task.Debug("task works")
	worker.Warn("worker warns")
	herder.Info("herder tells")
	herder.Debug("herder whispers")
	text := out.String()
	for want, there := range map[string]bool{
		"task works": true, "worker warns": false, "herder tells": true, "herder whispers": false,
	} {
		if strings.Contains(text, want) != there {
			t.Errorf("log holds %q: %v, want %v:\n%s", want, !there, there, text)
		}
	}
	task.With("logger", "kafka").Warn("client warns")
	for _, want := range []string{"connector=src task=0 logger=connector.src\n", "logger=herder\n",
		"connector=src task=0 logger=kafka\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("log lacks %q:\n%s", want, out)
		}
	}
}

func TestALevelHoldsForAllBelow(t *testing.T) {
	l, _ := newLevels(slog.LevelWarn)
	worker := l.Logger("worker")
	worker.With("connector", "a")
	worker.With("connector", "ab")
	for _, c := range []struct {
		name, level string
		want        []string
	}{
		{"connector", "DEBUG", []string{"connector", "connector.a", "connector.ab"}},
		{"connector.a", "DEBUG", []string{}},
		{"connector.a", "INFO", []string{"connector.a"}},
		{"ROOT", "INFO", []string{"connector", "connector.ab", "root", "worker"}},
		{"new.name", "INFO", []string{"new.name"}},
	} {
		if got := set(t, l, c.name, c.level); !slices.Equal(got, c.want) {
			t.Errorf("SetLoggerLevel(%s, %s) = %v, want %v", c.name, c.level, got, c.want)
		}
	}
	worker.With("connector", "late")
	levels := l.LoggerLevels()
	if got := levels["connector.late"]; got.Level != "INFO" || got.LastModified != nil {
		t.Errorf("level of a later logger = %+v, want INFO, never modified", got)
	}
	if got := levels["root"]; got.Level != "INFO" || got.LastModified == nil {
		t.Errorf("level of root = %+v, want INFO, modified", got)
	}
}

func TestRootBeginsWithTheLevelOfTheLogger(t *testing.T) {
	for level, want := range map[slog.Level]string{slog.LevelDebug: "DEBUG", slog.LevelWarn: "WARN", 100: "OFF"} {
		l, _ := newLevels(level)
		if got := l.LoggerLevels()["root"].Level; got != want {
			t.Errorf("level of root over %v = %s, want %s", level, got, want)
		}
	}
}

func TestAnUnknownLevelIsRefused(t *testing.T) {
	l, _ := newLevels(slog.LevelInfo)
	_, err := l.SetLoggerLevel("worker", "LOUD")
	if !errors.Is(err, herder.ErrNotFound) || err.Error() != "invalid log level 'LOUD'." {
		t.Errorf("SetLoggerLevel = %v, want Kafka Connect's error", err)
	}
}
