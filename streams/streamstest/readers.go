package streamstest

import (
	"maps"
	"slices"

	"github.com/suiro/suiro/streams/internal/admin"
	"github.com/suiro/suiro/streams/topology"
)

// readers are what reads topics, by their Kafka names.
type readers struct {
	names    admin.Names
	byTopic  map[string]reader // patterns add theirs
	patterns []reader
}

// reader is what reads a topic.
type reader struct {
	sub    int
	source *topology.Source
}

// newReaders finds what reads topics in a topology, and notes which of them are internal.
func newReaders(t *topology.Topology, names admin.Names) *readers {
	r := &readers{names: names, byTopic: map[string]reader{}}
	for _, sub := range t.Subtopologies() {
		for i := range sub.Sources {
			s := &sub.Sources[i]
			if s.Pattern != nil {
				r.patterns = append(r.patterns, reader{sub.ID, s})
			}
			for _, topic := range s.Reads() {
				if s.Internal {
					names.Internal[topic] = true
				}
				r.byTopic[names.Topic(topic)] = reader{sub.ID, s}
			}
		}
	}
	return r
}

// source returns what reads a topic, nil for nothing, and remembers one that a pattern matches.
func (r *readers) source(topic string) *topology.Source {
	if known, ok := r.byTopic[topic]; ok {
		return known.source
	}
	for _, p := range r.patterns {
		if len(r.names.Matching(p.source, []string{topic})) > 0 {
			r.byTopic[topic] = p
			return p.source
		}
	}
	return nil
}

// task is the task that reads a partition.
func (r *readers) task(topic string, partition int32) topology.TaskID {
	return topology.TaskID{Subtopology: r.byTopic[topic].sub, Partition: partition}
}

// topics returns the topics that are read, sorted.
func (r *readers) topics() []string { return slices.Sorted(maps.Keys(r.byTopic)) }
