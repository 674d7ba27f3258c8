package topology

import (
	"fmt"
	"strings"
)

// String describes the topology in Kafka Streams' form, the same text for the
// same graph.
func (t *Topology) String() string {
	var b strings.Builder
	b.WriteString("Topologies:\n")
	for _, s := range t.subs {
		fmt.Fprintf(&b, "   Sub-topology: %d\n", s.ID)
		for _, n := range s.Sources {
			fmt.Fprintf(&b, "    Source: %s (topics: [%s])\n", n.Name, n.Topic)
			s.next(&b, n.Name)
		}
		for _, n := range s.Processors {
			fmt.Fprintf(&b, "    Processor: %s (stores: [%s])\n", n.Name, strings.Join(n.Stores, ", "))
			s.next(&b, n.Name)
			s.previous(&b, n.Name)
		}
		for _, n := range s.Sinks {
			fmt.Fprintf(&b, "    Sink: %s (topic: %s)\n", n.Name, n.Topic)
			s.previous(&b, n.Name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (s *Subtopology) next(b *strings.Builder, name string) {
	fmt.Fprintf(b, "      --> %s\n", s.neighbours(name, 0))
}

func (s *Subtopology) previous(b *strings.Builder, name string) {
	fmt.Fprintf(b, "      <-- %s\n", s.neighbours(name, 1))
}

// neighbours lists the other ends of the edges whose given end is name.
func (s *Subtopology) neighbours(name string, end int) string {
	var names []string
	for _, e := range s.edges {
		if e[end] == name {
			names = append(names, e[1-end])
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
