package bench

import (
	"context"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func itoa(p *Process) string { return strconv.Itoa(p.cmd.Process.Pid) }

func TestTableShowsMediansAndTheirRatio(t *testing.T) {
	var table Table
	for _, v := range []float64{3, 100, 2} {
		table.Add("count", "CPU µs/record", "suiro", v)
	}
	table.Add("count", "CPU µs/record", "java", 12)
	table.Add("count", "peak MB", "suiro", 250)
	table.Add("count", "peak MB", "java", math.NaN())
	var got strings.Builder
	table.Print(&got)
	want := [][]string{{"median", "suiro", "java", "suiro", "÷", "java"},
		{"count", "CPU", "µs/record", "3.00", "12.00", "0.250"},
		{"count", "peak", "MB", "250", "-"}}
	lines := strings.Split(strings.TrimSpace(got.String()), "\n")
	for i, line := range lines {
		if i >= len(want) || strings.Join(strings.Fields(line), " ") != strings.Join(want[i], " ") {
			t.Errorf("line %d is %q, want the fields %q", i, line, want[min(i, len(want)-1)])
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
}

func TestRateIsWhatComesBetweenTwoSamples(t *testing.T) {
	at := time.Now()
	got := Between(Sample{at, time.Second, 1000}, Sample{at.Add(2 * time.Second), 3 * time.Second, 5000})
	if want := (Rate{CPU: 500, Speed: 2000}); got != want {
		t.Errorf("Between = %v, want %v", got, want)
	}
	got = Between(Sample{at, time.Second, 1000}, Sample{at.Add(2 * time.Second), 3 * time.Second, 1000})
	if !math.IsNaN(got.CPU) || !math.IsNaN(got.Speed) {
		t.Errorf("Between = %v although nothing was done, want no numbers", got)
	}
}

// Whoever waits for a program that has ended learns why it did.
func TestAProgramThatEndsIsExplained(t *testing.T) {
	p, err := Start(filepath.Join(t.TempDir(), "log"), "sh", "-c", "echo no broker; exit 3")
	if err != nil {
		t.Fatal(err)
	}
	err = p.Wait(t.Context(), time.Minute, func() (bool, error) { return false, nil })
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no broker") {
		t.Errorf("error %v, want one with the exit code and the log", err)
	}
	if err := p.Stop(); err != nil {
		t.Errorf("Stop of a program that has ended: %v", err)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	p, err := Start(filepath.Join(t.TempDir(), "log"), "sleep", "100")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := p.Wait(ctx, time.Minute, func() (bool, error) { return false, nil }); err == nil {
		t.Error("no error, want that of the context")
	}
}
