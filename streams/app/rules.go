package app

import (
	"errors"
	"fmt"
	"slices"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/streams/topology"
)

// placed returns the topology with the stores that say nothing where default.dsl.store says.
func placed(t *topology.Topology, defaultStore string) *topology.Topology {
	if defaultStore == "in_memory" {
		return t.Place(topology.InMemory)
	}
	return t.Place(topology.OnDisk)
}

// reads reports whether a source reads the topic of a name in Kafka.
func (a *App) reads(s topology.Source, topic string) bool {
	return s.Matches(topic) ||
		slices.ContainsFunc(s.Reads(), func(name string) bool { return a.names.Topic(name) == topic })
}

// deadLetterRule refuses a dead-letter topic that the app reads itself: a bad
// record would come back as a dead letter, be rejected again, and so on without
// end.
func (a *App) deadLetterRule() (errs config.Errors) {
	topic := a.values.String(deadLetterKey)
	refuse := func(why string) {
		errs = append(errs, config.Errorf(deadLetterKey, topic, "%s: choose another topic", why))
	}
	for _, sub := range a.topology.Subtopologies() {
		for _, s := range sub.Sources {
			if topic != "" && a.reads(s, topic) {
				refuse("is read by the app itself, so that dead letters would come back")
			}
		}
		if sub.Global != nil && sub.Global.Topic() == topic {
			refuse("is read by the app itself, so that dead letters would come back")
		}
		for _, s := range sub.Logged() {
			if a.names.Changelog(s.Name) == topic {
				refuse("is a changelog of the app, which dead letters would damage")
			}
		}
	}
	return errs
}

// ownRule refuses to write and to read the app's own repartition topics and changelogs as
// other topics: what is written there would be taken for the app's state, and what is read
// there would be read by two nodes.
func (a *App) ownRule() error {
	var errs []error
	for _, sub := range a.topology.Subtopologies() {
		for _, s := range sub.Sinks {
			if !s.Internal && a.own[s.Topic] {
				errs = append(errs, fmt.Errorf("node %s writes topic %s, which is an internal topic of the app: choose another "+
					"topic or another application.id", s.Name, s.Topic))
			}
		}
		for _, s := range sub.Sources {
			for _, topic := range s.Reads() {
				if !s.Internal && a.own[topic] {
					errs = append(errs, fmt.Errorf("node %s reads topic %s, which is an internal topic of the app: go on from the "+
						"stream or table that is behind it, or choose another application.id", s.Name, topic))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// internalTopics returns the names of the topology's repartition topics.
func internalTopics(t *topology.Topology) map[string]bool {
	m := map[string]bool{}
	for _, sub := range t.Subtopologies() {
		for _, s := range sub.Sources {
			if s.Internal {
				m[s.Topic] = true
			}
		}
	}
	return m
}

// source returns what reads the topic of a name in Kafka, nil when nothing does.
func (a *App) source(topic string) *topology.Source {
	for _, sub := range a.topology.Subtopologies() {
		for i := range sub.Sources {
			if a.reads(sub.Sources[i], topic) {
				return &sub.Sources[i]
			}
		}
	}
	return nil
}

// grouped reports whether a task may read several topics.
func (a *App) grouped() bool {
	return slices.ContainsFunc(a.topology.Subtopologies(), func(s topology.Subtopology) bool {
		return s.Global == nil && (len(s.Sources) > 1 || len(s.Sources[0].Topics) > 0 || s.Sources[0].Pattern != nil)
	})
}
