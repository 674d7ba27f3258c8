// Package topics knows the topics of an app by their names in Kafka: which of them its topology
// reads, writes and makes for itself, which it may not, and which come and go while it runs.
package topics

import (
	"cmp"
	"slices"

	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/topology"
)

// Topics are those of an app. It may be used from any goroutine.
type Topics struct {
	// Names maps the topics of the topology to their names in Kafka.
	Names admin.Names

	subs []topology.Subtopology
	own  map[string]bool // repartition topics and changelogs, by their names in Kafka
}

// New returns the topics of the app with an application.id that runs a topology, or why they cannot
// be: topics that cannot have their names, or that the app may not read or write. deadLetters is the
// topic for dead letters, "" for none.
func New(applicationID string, t *topology.Topology, deadLetters string) (*Topics, error) {
	names := admin.Names{ApplicationID: applicationID, Internal: repartition(t)}
	all := &Topics{Names: names, subs: t.Subtopologies(), own: names.Own(t)}
	return all, all.check(t, deadLetters)
}

// repartition returns the names of the topology's repartition topics.
func repartition(t *topology.Topology) map[string]bool {
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

// Own returns the topics that the app makes for itself: repartition topics, and changelogs.
func (t *Topics) Own() map[string]bool { return t.own }

// Repartition returns the repartition topics.
func (t *Topics) Repartition() map[string]bool {
	m := map[string]bool{}
	for topic := range t.Names.Internal {
		m[t.Names.Topic(topic)] = true
	}
	return m
}

// Inputs returns the topics that tasks read by name and others write, each once.
func (t *Topics) Inputs() (inputs []string) {
	for _, sub := range t.subs {
		for _, s := range sub.Sources {
			for _, topic := range s.Reads() {
				if !s.Internal && !slices.Contains(inputs, topic) {
					inputs = append(inputs, topic)
				}
			}
		}
	}
	return inputs
}

// Source returns what reads a topic, nil when nothing does.
func (t *Topics) Source(topic string) *topology.Source {
	for _, sub := range t.subs {
		for i := range sub.Sources {
			if t.reads(sub.Sources[i], topic) {
				return &sub.Sources[i]
			}
		}
	}
	return nil
}

// reads reports whether a source reads a topic.
func (t *Topics) reads(s topology.Source, topic string) bool {
	return s.Matches(topic) ||
		slices.ContainsFunc(s.Reads(), func(name string) bool { return t.Names.Topic(name) == topic })
}

// Grouped reports whether a task may read several topics.
func (t *Topics) Grouped() bool {
	return slices.ContainsFunc(t.subs, func(s topology.Subtopology) bool {
		return s.Global == nil && (len(s.Sources) > 1 || len(s.Sources[0].Topics) > 0 || s.Sources[0].Pattern != nil)
	})
}

// Patterned reports whether a source has a pattern.
func (t *Topics) Patterned() bool {
	return slices.ContainsFunc(t.subs, func(s topology.Subtopology) bool {
		return slices.ContainsFunc(s.Sources, func(s topology.Source) bool { return s.Pattern != nil })
	})
}

// Read returns the topics that are read when these exist, with the subtopologies that do: those
// that are named, and those that a pattern matches.
func (t *Topics) Read(exist []string) map[string]int {
	subs := map[string]int{}
	for _, sub := range t.subs {
		for i := range sub.Sources {
			s := &sub.Sources[i]
			for _, name := range s.Reads() {
				subs[t.Names.Topic(name)] = sub.ID
			}
			if s.Pattern == nil {
				continue
			}
			for _, topic := range t.Names.Matching(s, exist) {
				subs[topic] = sub.ID
			}
		}
	}
	return subs
}

// Reset returns the topics that the app reads and others write, and those of its own.
func (t *Topics) Reset() (inputs, internal []string) {
	for _, sub := range t.subs {
		for _, s := range sub.Sources {
			if s.Internal {
				internal = append(internal, t.Names.Topic(s.Topic))
			} else if !slices.Contains(inputs, s.Topic) {
				inputs = append(inputs, s.Topic)
			}
		}
		for _, s := range sub.Stores {
			internal = append(internal, t.Names.Changelog(s.Name))
		}
	}
	return inputs, internal
}

// Words returns what the app reads and writes in words, for its log.
func (t *Topics) Words() (in, out []string) {
	for _, sub := range t.subs {
		for _, s := range sub.Sources {
			for _, topic := range s.Reads() {
				in = append(in, t.Names.Topic(topic))
			}
			if s.Pattern != nil {
				in = append(in, s.Pattern.String())
			}
		}
		if sub.Global != nil {
			in = append(in, sub.Global.Topic())
		}
		for _, s := range sub.Sinks {
			out = append(out, cmp.Or(t.Names.Topic(s.Topic), "a topic for each record"))
		}
	}
	return in, out
}
