package streams

import (
	"context"
	"time"

	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/internal/telemetry"
)

// restoreReminder is the time between two lines about state that is being restored.
const restoreReminder = 30 * time.Second

// watch logs how far restoring has come until ctx is done.
func (a *App) watch(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for reminded := time.Now(); ; {
		select {
		case <-ctx.Done():
			a.rejections.End()
			return
		case <-tick.C:
		}
		v := a.life.now()
		switch {
		case v.restoring == 0:
			reminded = time.Now()
		case time.Since(reminded) >= restoreReminder:
			reminded = time.Now()
			a.log.Info("state is being restored", "tasks", v.restoring, "remaining_records", v.left())
		}
	}
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
