package life_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/internal/life"
)

// Whoever waits for state to be restored sees every ten seconds how far it is, how fast and
// how long it takes.
func TestRestoringIsToldEveryTenSeconds(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := life.Progress{Since: now}
	lines := func() int { return strings.Count(out.String(), "\n") }
	for i := range 25 { // two seconds apart, 10,000 records a second
		restoring := i < 20
		v := life.View{Restored: int64(i) * 20_000, Remaining: map[string]int64{"0_0": 400_000 - int64(min(i, 20))*20_000}}
		if restoring {
			v.Restoring = 1
		}
		p.Look(log, v, now.Add(time.Duration(i)*2*time.Second))
		if want := min(i, 19) / 5; lines() != want {
			t.Fatalf("%d lines after %d seconds, want %d:\n%s", lines(), 2*i, want, &out)
		}
	}
	for _, want := range []string{"tasks=1 global_stores=0 remaining_records=300000 records_per_second=10000 time_left=30s",
		"remaining_records=200000 records_per_second=10000 time_left=20s"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log has no %q:\n%s", want, &out)
		}
	}
}
