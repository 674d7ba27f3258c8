package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// String describes the topology, with the text that Kafka Streams'
// Topology.describe() has for the same topology. Names of repartition topics are
// without the application.id.
func (t *Topology) String() string {
	var b strings.Builder
	b.WriteString("Topologies:\n ")
	for _, s := range t.subs {
		if s.Global != nil {
			b.WriteString(describeGlobal(&s))
			continue
		}
		fmt.Fprintf(&b, "  Sub-topology: %d\n", s.ID)
		for _, n := range s.describe() {
			fmt.Fprintf(&b, "    %s\n", n.text)
			if !n.sink {
				fmt.Fprintf(&b, "      --> %s\n", names(n.next))
			}
			if !n.source {
				fmt.Fprintf(&b, "      <-- %s\n", names(n.previous))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// described is a node while a description is made.
type described struct {
	name, text     string
	source, sink   bool
	size           int // nodes below it and itself, as far as they are linked
	previous, next treeSet
}

// describe returns the nodes in the order in which Kafka Streams shows them: those with
// more nodes below them first, then by name. The order of a node's neighbours follows
// from the sizes at the moment at which they are linked, and so from the order of Java's
// hash sets.
func (s *Subtopology) describe() []*described {
	nodes := map[string]*described{}
	for _, n := range s.Sources {
		nodes[n.Name] = &described{name: n.Name, size: 1, source: true,
			text: fmt.Sprintf("Source: %s (topics: %s)", n.Name, n.shown())}
	}
	for _, n := range s.Processors {
		nodes[n.Name] = &described{name: n.Name, size: 1,
			text: fmt.Sprintf("Processor: %s (stores: [%s])", n.Name, strings.Join(javaOrder(storeNames(n.Stores)), ", "))}
	}
	for _, n := range s.Sinks {
		nodes[n.Name] = &described{name: n.Name, size: 1, sink: true,
			text: fmt.Sprintf("Sink: %s (%s)", n.Name, n.shown())}
	}
	var out []*described
	for _, name := range javaOrder(s.order) {
		n := nodes[name]
		for _, e := range s.edges {
			if e[1] == name {
				link(nodes[e[0]], n)
			}
		}
		out = append(out, n)
	}
	slices.SortFunc(out, compare)
	return out
}

// shown is what a sink writes, in a description.
func (s *Sink) shown() string {
	if s.Topic == "" {
		return "extractor class: function"
	}
	return "topic: " + s.Topic
}

// shown is what a source reads, in a description.
func (s *Source) shown() string {
	if s.Pattern != nil {
		return s.Pattern.String()
	}
	return "[" + strings.Join(javaOrder(s.Reads()), ", ") + "]"
}

func link(parent, child *described) {
	child.previous.insert(parent)
	parent.next.insert(child)
	grow(parent, child.size)
}

func grow(n *described, by int) {
	n.size += by
	for _, p := range n.previous.nodes() {
		grow(p, by)
	}
}

func compare(a, b *described) int {
	return cmp.Or(cmp.Compare(b.size, a.size), cmp.Compare(a.name, b.name))
}

func names(of treeSet) string {
	if of.root == nil {
		return "none"
	}
	var names []string
	for _, n := range of.nodes() {
		names = append(names, n.name)
	}
	return strings.Join(names, ", ")
}

// javaOrder returns strings in the order in which a java.util.HashSet, to which they were
// added one by one, shows them: by the slots of its table, which has twice the size
// when more than three quarters of its slots are needed.
func javaOrder(strs []string) []string {
	table := uint32(16)
	for 4*len(strs) > 3*int(table) {
		table *= 2
	}
	return slices.SortedStableFunc(slices.Values(strs), func(a, b string) int {
		return cmp.Compare(javaHash(a)&(table-1), javaHash(b)&(table-1))
	})
}

// javaHash is String.hashCode as java.util.HashMap spreads it.
func javaHash(s string) (h uint32) {
	for _, c := range utf16.Encode([]rune(s)) {
		h = 31*h + uint32(c)
	}
	return h ^ h>>16
}
