package app

import (
	"context"
	"time"

	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/internal/telemetry"
)

// restoreReminder is the time between two lines about state that is being restored.
const restoreReminder = 10 * time.Second

// watch logs how far restoring has come until ctx is done.
func (a *App) watch(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	restored := int64(0) // as of the last line
	for reminded := time.Now(); ; {
		select {
		case <-ctx.Done():
			a.rejections.End()
			return
		case <-tick.C:
		}
		v := a.life.now()
		switch {
		case v.restoring == 0 && v.globals.Reading == 0:
			reminded, restored = time.Now(), v.restored
		case time.Since(reminded) >= restoreReminder:
			a.logRestoring(v, v.restored-restored, time.Since(reminded))
			reminded, restored = time.Now(), v.restored
		}
	}
}

// logRestoring says how far the tasks have come that restore their state, and how long the
// rest takes at the rate of the time since the last line.
func (a *App) logRestoring(v view, records int64, in time.Duration) {
	rate := float64(max(records, 0)) / in.Seconds()
	left := "unknown"
	if rate > 0 {
		left = time.Duration(float64(v.left()) / rate * float64(time.Second)).Round(time.Second).String()
	}
	a.log.Info("state is being restored", "tasks", v.restoring, "global_stores", v.globals.Reading,
		"remaining_records", v.left(), "records_per_second", int64(rate), "time_left", left)
}

// live is what metrics show of this moment.
func (a *App) live() telemetry.Live {
	v := a.life.now()
	reachable, _, _ := a.brokers.State()
	l := telemetry.Live{
		State: v.state.String(), States: states(), Reachable: reachable, Threads: len(v.threads),
		ThreadTasks: map[string]int{}, Running: v.running, Restoring: v.restoring, Remaining: v.remaining,
		OpenBytes: v.openBytes, StateBytes: statedir.Bytes(a.storesPath()), Lags: a.lags.Lags(),
	}
	for name, s := range v.threads {
		l.ThreadTasks[name] = len(s.Tasks)
	}
	return l
}
