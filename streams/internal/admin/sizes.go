package admin

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/streams/topology"
)

// resolve finds the numbers of partitions of the source topics, and of every
// subtopology: the largest of its sources. An internal topic that is to be made has what
// its writer asks for, or has itself, or what it is copartitioned with.
func (p *preparation) resolve(t *topology.Topology) error {
	subs := t.Subtopologies()
	for range len(subs) + 1 { // an internal topic may be fed by another one
		for i := range subs {
			p.size(subs, &subs[i])
		}
	}
	var errs []error
	for i := range subs {
		errs = append(errs, p.checkSize(&subs[i])...)
	}
	return errors.Join(errs...)
}

// size finds what it can about one subtopology.
func (p *preparation) size(subs []topology.Subtopology, sub *topology.Subtopology) {
	for i := range sub.Sources {
		s := &sub.Sources[i]
		for _, topic := range p.topics(s) {
			n, _ := p.partitions(subs, s, topic)
			p.plan.Sources[topic], p.plan.Topics[topic] = sub.ID, n
		}
	}
	for _, group := range sub.Copartitioned {
		p.align(subs, sub, group)
	}
	p.plan.Partitions[sub.ID] = 0
	for topic, id := range p.plan.Sources {
		if id == sub.ID {
			p.plan.Partitions[id] = max(p.plan.Partitions[id], p.plan.Topics[topic])
		}
	}
}

// topics returns the Kafka names of what a source reads. Brokers' own topics and those
// of the app match no pattern.
func (p *preparation) topics(s *topology.Source) (out []string) {
	for _, name := range s.Reads() {
		out = append(out, p.names.Topic(name))
	}
	if s.Pattern == nil {
		return out
	}
	return p.names.Matching(s, p.exist.Names())
}

// LooksInternal reports whether a topic has a name as those that apps make for themselves:
// changelogs, repartition topics, and those of joins by a foreign key.
func LooksInternal(topic string) bool {
	return strings.HasSuffix(topic, "-changelog") || strings.HasSuffix(topic, "-repartition") ||
		strings.HasSuffix(topic, "-topic") && (strings.Contains(topic, "-KTABLE-FK-JOIN-SUBSCRIPTION-") ||
			strings.Contains(topic, "-subscription-re"))
}

// Matching returns those of the Kafka names of topics that a source with a pattern reads:
// not brokers' own topics, and not those of the app.
func (n Names) Matching(s *topology.Source, topics []string) (out []string) {
	for _, name := range topics {
		own := strings.HasPrefix(name, n.ApplicationID+"-") && LooksInternal(name)
		if !own && !strings.HasPrefix(name, "__") && s.Matches(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// partitions returns how many partitions a topic has or will have, 0 when it is not known,
// and whether that is fixed.
func (p *preparation) partitions(subs []topology.Subtopology, s *topology.Source, topic string) (n int32, fixed bool) {
	if d, ok := p.exist[topic]; ok && d.Err == nil {
		return int32(len(d.Partitions)), true
	}
	if !s.Internal {
		return 0, true
	}
	for i, sub := range subs {
		for _, sink := range sub.Sinks {
			if !sink.Internal || sink.Topic != s.Topic {
				continue
			}
			if sink.Partitions > 0 {
				return sink.Partitions, true
			}
			n = max(n, p.plan.Partitions[i])
		}
	}
	return n, false
}

// align gives the internal topics of a group that are to be made as many partitions as
// the others have.
func (p *preparation) align(subs []topology.Subtopology, sub *topology.Subtopology, group []string) {
	want, free := int32(0), []string{}
	open := int32(0) // the most of those that are free
	for _, s := range members(sub, group) {
		for _, topic := range p.topics(s) {
			n, fixed := p.partitions(subs, s, topic)
			if fixed {
				want = max(want, n)
			} else {
				open, free = max(open, n), append(free, topic)
			}
		}
	}
	if want == 0 {
		want = open
	}
	for _, topic := range free {
		p.plan.Topics[topic] = want
	}
}

// members are the sources of a group.
func members(sub *topology.Subtopology, group []string) (out []*topology.Source) {
	for i := range sub.Sources {
		if slices.Contains(group, sub.Sources[i].Name) {
			out = append(out, &sub.Sources[i])
		}
	}
	return out
}

// checkSize returns why a subtopology cannot run with what was found.
func (p *preparation) checkSize(sub *topology.Subtopology) (errs []error) {
	pattern := slices.ContainsFunc(sub.Sources, func(s topology.Source) bool { return s.Pattern != nil })
	if p.plan.Partitions[sub.ID] == 0 && !pattern && sub.Global == nil {
		errs = append(errs, fmt.Errorf("subtopology %d: its repartition topic has no writer", sub.ID))
	}
	for _, group := range sub.Copartitioned {
		var found []string
		sizes := map[int32]bool{}
		for _, s := range members(sub, group) {
			for _, topic := range p.topics(s) {
				n := p.plan.Topics[topic]
				sizes[n] = true
				found = append(found, fmt.Sprintf("%s has %d", topic, n))
			}
		}
		if len(sizes) > 1 {
			errs = append(errs, fmt.Errorf("topics that are joined need equal numbers of partitions, as equal keys must meet "+
				"in one task: %s; put streams.Repartition before the join on one side, or make a topic again with as many as the "+
				"other has", strings.Join(found, ", ")))
		}
	}
	return errs
}
