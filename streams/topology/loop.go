package topology

import (
	"fmt"
	"slices"
	"strings"
)

// topic is a topic as the topology names it. An internal topic has another name in Kafka,
// so it is never the same as a topic that is not internal.
type topic struct {
	name     string
	internal bool
}

// checkLoops refuses topics that feed themselves: each record would come back, and
// so on without end. A topic that one part writes and another reads is fine, and so is one
// whose records go into a store from which nothing leads back.
func checkLoops(subs []Subtopology) (errs []error) {
	w := walk{subs: subs, seen: map[string]bool{}}
	for i := range subs {
		for k := range subs[i].Sources {
			loop := w.from(&subs[i], &subs[i].Sources[k], nil)
			switch {
			case len(loop) == 2:
				errs = append(errs, fmt.Errorf("it reads its own output: topic %s is both read and written, and each record "+
					"would be processed again without end: write another topic", loop[0]))
			case loop != nil:
				errs = append(errs, fmt.Errorf("it reads its own output: what it reads from topic %s comes back through %s, "+
					"and each record would be processed again without end: write another topic", loop[0],
					strings.Join(loop[1:], " and ")))
			}
		}
	}
	return errs
}

// walk looks for a way that leads back to where it began.
type walk struct {
	subs []Subtopology
	seen map[string]bool // sources that were walked through, by their names
}

// from returns the topics of a way from a source back to one on it, beginning and ending
// with the same topic, or nil. path is the way to the source.
func (w *walk) from(sub *Subtopology, s *Source, path []step) []string {
	if at := slices.IndexFunc(path, func(p step) bool { return p.source == s.Name }); at >= 0 {
		way := []string{path[len(path)-1].topic}
		for _, p := range path[at:] {
			way = append(way, p.topic)
		}
		return way
	}
	if w.seen[s.Name] {
		return nil
	}
	w.seen[s.Name] = true
	nodes := below(sub, s.Name)
	for _, sink := range sub.Sinks {
		if !nodes[sink.Name] || sink.Topic == "" { // the latter's topics are not known
			continue
		}
		next, reader := w.reader(topic{sink.Topic, sink.Internal})
		if reader == nil {
			continue
		}
		if way := w.from(next, reader, append(slices.Clone(path), step{s.Name, sink.Topic})); way != nil {
			return way
		}
	}
	return nil
}

// below returns the names of the nodes below a node.
func below(s *Subtopology, node string) map[string]bool {
	found, left := map[string]bool{}, []string{node}
	for len(left) > 0 {
		last := left[len(left)-1]
		left = left[:len(left)-1]
		for _, e := range s.edges {
			if e[0] == last && !found[e[1]] {
				found[e[1]] = true
				left = append(left, e[1])
			}
		}
	}
	return found
}

// reader returns the source that reads a topic, by its name or with a pattern, nil for none.
func (w *walk) reader(t topic) (*Subtopology, *Source) {
	for i := range w.subs {
		for k := range w.subs[i].Sources {
			s := &w.subs[i].Sources[k]
			if s.Internal == t.internal && (slices.Contains(s.Reads(), t.name) || !t.internal && s.Matches(t.name)) {
				return &w.subs[i], s
			}
		}
	}
	return nil, nil
}

// step is a source and the topic by which a way leaves it.
type step struct {
	source, topic string
}
