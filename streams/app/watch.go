package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/suiro/suiro/streams/internal/life"
	"github.com/suiro/suiro/streams/internal/statedir"
	"github.com/suiro/suiro/streams/internal/telemetry"
)

// watch logs how far restoring has come until ctx is done.
func (a *App) watch(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for p := (life.Progress{Since: time.Now()}); ; {
		select {
		case <-ctx.Done():
			a.rejections.End()
			return
		case <-tick.C:
		}
		a.stores.CheckMemory()
		p.Look(a.log, a.life.Now(), time.Now())
	}
}

// missed says that retention took records away before they were read.
func (a *App) missed(topic string, partition int32, from, to int64) {
	a.metrics.Missed(topic, to-from)
	a.log.Warn("records were deleted before they were read: retention is shorter than the time that this app was behind",
		"partition", fmt.Sprintf("%s-%d", topic, partition), "from", from, "to", to-1)
}

// live is what metrics show of this moment.
func (a *App) live() telemetry.Live {
	v := a.life.Now()
	l := v.Live()
	l.Reachable, _, _ = a.brokers.State()
	l.Disk, l.Memory, l.Lags = statedir.Bytes(filepath.Join(a.props.StateDir(), "stores")), a.stores.Memory(), a.lags.Lags()
	l.Stores, l.Database = a.stores.Figures(time.Now())
	return l
}
