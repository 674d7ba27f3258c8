package topics

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/streams/internal/group"
)

// LeastAge is the least time between two looks at the topics of a cluster.
const LeastAge = 100 * time.Millisecond

// Follower looks for topics that patterns match, and for those that are gone.
type Follower struct {
	// Topics are those of the app.
	Topics *Topics
	// Sources are what its threads read, and are changed.
	Sources *group.Sources
	// Admin asks the brokers.
	Admin *kadm.Client
	// Interval is the time between two looks, [LeastAge] at least.
	Interval time.Duration
	// Changed is told which topics came and which went, once Sources have changed.
	Changed func(came, went []string)
	// Log gets the changes.
	Log *slog.Logger
}

// Run looks until ctx is done. While no broker answers everything stays as it is.
func (f *Follower) Run(ctx context.Context) {
	tick := time.NewTicker(max(f.Interval, LeastAge))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.look(ctx)
		}
	}
}

func (f *Follower) look(ctx context.Context) {
	exist, err := f.Admin.ListTopics(ctx)
	if err != nil {
		f.Log.Debug("list topics", "error", err)
		return
	}
	came, went := f.Sources.Set(f.Topics.Read(exist.Names()))
	if len(came)+len(went) == 0 {
		return
	}
	f.Log.Info("the topics that are read have changed", "came", strings.Join(came, ","), "went", strings.Join(went, ","))
	f.Changed(came, went)
}
