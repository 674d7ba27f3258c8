package topology

import (
	"fmt"
	"slices"
	"strings"
)

// topic is a topic as the topology names it. A repartition topic has another name in
// Kafka, so it is never the same as a topic that is not internal.
type topic struct {
	name     string
	internal bool
}

// checkLoops refuses topics that feed themselves: each record would come back, and
// so on without end. A topic that one part writes and another reads is fine.
func checkLoops(subs []Subtopology) error {
	w := walk{subs: subs, readers: map[topic]int{}, seen: make([]bool, len(subs))}
	for i, sub := range subs {
		for _, s := range sub.Sources {
			for _, name := range s.Reads() {
				w.readers[topic{name, s.Internal}] = i
			}
		}
	}
	for i := range subs {
		loop := w.from(i, nil)
		if len(loop) == 2 {
			return fmt.Errorf("build topology: it reads its own output: topic %s is both read and written, and each record "+
				"would be processed again without end: write another topic", loop[0])
		}
		if loop != nil {
			return fmt.Errorf("build topology: it reads its own output: what it reads from topic %s comes back through %s, "+
				"and each record would be processed again without end: write another topic", loop[0],
				strings.Join(loop[1:], " and "))
		}
	}
	return nil
}

// walk looks for a way that leads back to where it began.
type walk struct {
	subs    []Subtopology
	readers map[topic]int // subtopologies by what they read
	seen    []bool        // subtopologies that were walked through
}

// from returns the topics of a way from a subtopology back to one on it, beginning
// and ending with the same topic, or nil. path is the way to the subtopology.
func (w *walk) from(i int, path []step) []string {
	if at := slices.IndexFunc(path, func(s step) bool { return s.sub == i }); at >= 0 {
		way := []string{path[len(path)-1].topic}
		for _, s := range path[at:] {
			way = append(way, s.topic)
		}
		return way
	}
	if w.seen[i] {
		return nil
	}
	w.seen[i] = true
	for _, s := range w.subs[i].Sinks {
		next, read := w.reader(topic{s.Topic, s.Internal})
		if !read {
			continue
		}
		if way := w.from(next, append(slices.Clone(path), step{i, s.Topic})); way != nil {
			return way
		}
	}
	return nil
}

// reader returns the subtopology that reads a topic, by its name or with a pattern.
func (w *walk) reader(t topic) (sub int, found bool) {
	if sub, found = w.readers[t]; found || t.internal {
		return sub, found
	}
	for i, s := range w.subs {
		if slices.ContainsFunc(s.Sources, func(s Source) bool { return s.Matches(t.name) }) {
			return i, true
		}
	}
	return 0, false
}

// step is a subtopology and the topic by which a way leaves it.
type step struct {
	sub   int
	topic string
}
