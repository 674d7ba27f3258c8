package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/streams/internal/group"
	"github.com/suiro/suiro/streams/internal/thread"
	"github.com/suiro/suiro/streams/topology"
)

// patterned reports whether a source has a pattern.
func (a *App) patterned() bool {
	return slices.ContainsFunc(a.topology.Subtopologies(), func(s topology.Subtopology) bool {
		return slices.ContainsFunc(s.Sources, func(s topology.Source) bool { return s.Pattern != nil })
	})
}

// leastAge is the least time between two looks.
const leastAge = 100 * time.Millisecond

// followTopics looks for topics that patterns match, every metadata.max.age.ms, until ctx
// is done. While no broker answers everything stays as it is.
func (a *App) followTopics(ctx context.Context, adm *kadm.Client, sources *group.Sources) {
	tick := time.NewTicker(max(a.values.Millis("metadata.max.age.ms"), leastAge))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		topics, err := adm.ListTopics(ctx)
		if err != nil {
			a.log.Debug("list topics", "error", err)
			continue
		}
		came, went := sources.Set(a.matched(topics.Names()))
		if len(came)+len(went) == 0 {
			continue
		}
		a.log.Info("the topics that are read have changed", "came", strings.Join(came, ","), "went", strings.Join(went, ","))
		for _, topic := range came {
			a.metrics.Topic(topic)
		}
		a.life.each(func(th *thread.Thread) { th.Follow(came, went) })
	}
}

// matched returns the topics that are read, when these exist: those that are named, and
// those that a pattern matches.
func (a *App) matched(exist []string) map[string]int {
	subs := map[string]int{}
	for _, sub := range a.topology.Subtopologies() {
		for i := range sub.Sources {
			s := &sub.Sources[i]
			for _, name := range s.Reads() {
				subs[a.names.Topic(name)] = sub.ID
			}
			if s.Pattern == nil {
				continue
			}
			for _, topic := range a.names.Matching(s, exist) {
				subs[topic] = sub.ID
			}
		}
	}
	return subs
}
