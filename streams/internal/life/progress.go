package life

import (
	"log/slog"
	"time"
)

// restoreReminder is the time between two lines about state that is being restored.
const restoreReminder = 10 * time.Second

// Progress is how far restoring had come at the last line about it.
type Progress struct {
	// Since is when that was, or when no task restored: at first, when the app began.
	Since    time.Time
	restored int64
}

// Look logs how far the tasks have come that restore their state, and how long the rest
// takes at the rate of the time since the last line.
func (p *Progress) Look(log *slog.Logger, v View, now time.Time) {
	took, restoring := now.Sub(p.Since), v.Restoring+v.Globals.Reading > 0
	if restoring && took < restoreReminder {
		return
	}
	if restoring {
		rate, left := float64(max(v.Restored-p.restored, 0))/took.Seconds(), "unknown"
		if rate > 0 {
			left = time.Duration(float64(v.Left()) / rate * float64(time.Second)).Round(time.Second).String()
		}
		log.Info("state is being restored", "tasks", v.Restoring, "global_stores", v.Globals.Reading,
			"remaining_records", v.Left(), "records_per_second", int64(rate), "time_left", left)
	}
	p.Since, p.restored = now, v.Restored
}
