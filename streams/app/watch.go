package app

import (
	"context"
	"fmt"
	"log/slog"
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
	for p := (progress{told: time.Now()}); ; {
		select {
		case <-ctx.Done():
			a.rejections.End()
			return
		case <-tick.C:
		}
		a.inMemory.Check()
		p.look(a.log, a.life.now(), time.Now())
	}
}

// progress is how far restoring had come at the last line about it.
type progress struct {
	told     time.Time // or when no task restored
	restored int64
}

// look logs how far the tasks have come that restore their state, and how long the rest
// takes at the rate of the time since the last line.
func (p *progress) look(log *slog.Logger, v view, now time.Time) {
	took, restoring := now.Sub(p.told), v.restoring+v.globals.Reading > 0
	if restoring && took < restoreReminder {
		return
	}
	if restoring {
		rate, left := float64(max(v.restored-p.restored, 0))/took.Seconds(), "unknown"
		if rate > 0 {
			left = time.Duration(float64(v.left()) / rate * float64(time.Second)).Round(time.Second).String()
		}
		log.Info("state is being restored", "tasks", v.restoring, "global_stores", v.globals.Reading,
			"remaining_records", v.left(), "records_per_second", int64(rate), "time_left", left)
	}
	p.told, p.restored = now, v.restored
}

// missed says that retention took records away before they were read.
func (a *App) missed(topic string, partition int32, from, to int64) {
	a.metrics.Missed(topic, to-from)
	a.log.Warn("records were deleted before they were read: retention is shorter than the time that this app was behind",
		"partition", fmt.Sprintf("%s-%d", topic, partition), "from", from, "to", to-1)
}

// live is what metrics show of this moment.
func (a *App) live() telemetry.Live {
	v := a.life.now()
	reachable, _, _ := a.brokers.State()
	l := telemetry.Live{
		State: v.state.String(), States: states(), Reachable: reachable, Threads: len(v.threads),
		ThreadTasks: map[string]int{}, Running: v.running, Restoring: v.restoring, Remaining: v.remaining,
		Buffered: v.buffered, Cached: v.cached, Disk: statedir.Bytes(a.storesPath()), Memory: a.inMemory.Bytes(),
		Lags: a.lags.Lags(),
	}
	for name, s := range v.threads {
		l.ThreadTasks[name] = len(s.Tasks)
	}
	l.Stores, l.Database = a.stores.figures(time.Now())
	return l
}
