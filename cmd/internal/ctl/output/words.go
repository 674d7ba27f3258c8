package output

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/herder/api"
)

// Plural is a number of things.
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Tally says how many tasks are in each state.
func Tally(tasks []api.TaskState) string {
	n := map[api.State]int{}
	for _, t := range tasks {
		n[t.State]++
	}
	var parts []string
	for _, state := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%d %s", n[state], state))
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, ", ")
}

// Cause is the part of a trace that says most in one line: its last cause, or its first
// line.
func Cause(trace string, limit int) string {
	line, _, _ := strings.Cut(strings.TrimSpace(trace), "\n")
	if i := strings.LastIndex(trace, "Caused by: "); i >= 0 {
		line, _, _ = strings.Cut(trace[i+len("Caused by: "):], "\n")
	}
	if runes := []rune(line); len(runes) > limit {
		line = string(runes[:limit-1]) + "…"
	}
	return strings.TrimSpace(line)
}

// State is a state with the worker and the version.
func State(s api.ConnectorState) string {
	if s.State == "" {
		return "unknown yet"
	}
	text := string(s.State)
	if s.WorkerID != "" {
		text += " on " + s.WorkerID
	}
	if s.Version != "" {
		text += ", version " + s.Version
	}
	return text
}
