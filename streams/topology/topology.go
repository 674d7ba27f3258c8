package topology

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// TaskID names a task: a subtopology and a partition.
type TaskID struct {
	// Subtopology is the number of the subtopology, from 0.
	Subtopology int
	// Partition is the partition that the task reads.
	Partition int32
}

// String returns the form Kafka Streams prints, such as 0_3.
func (id TaskID) String() string { return fmt.Sprintf("%d_%d", id.Subtopology, id.Partition) }

// Subtopology is a connected part of a topology.
type Subtopology struct {
	// ID is its number, from 0.
	ID int
	// Sources are its nodes that read topics.
	Sources []Source
	// Processors are its nodes between sources and sinks.
	Processors []Processor
	// Sinks are its nodes that write topics.
	Sinks []Sink
	// Stores are the stores, sorted by name.
	Stores []Store
	// Copartitioned are the names of sources whose topics have equal numbers of
	// partitions, group by group.
	Copartitioned [][]string
	// Global is the global store that the part is; all else is empty then, and it has no
	// tasks. Default: it is none.
	Global *GlobalStore

	order []string // names of all nodes, in the order in which they were added
	edges [][2]string
}

// Topology is a graph that was checked.
type Topology struct {
	subs []Subtopology
}

// Subtopologies returns the parts in the order of their ids.
func (t *Topology) Subtopologies() []Subtopology { return slices.Clone(t.subs) }

// Globals returns the global stores, in the order of the numbers that they have among the
// subtopologies.
func (t *Topology) Globals() (all []GlobalStore) {
	for _, s := range t.subs {
		if s.Global != nil {
			all = append(all, *s.Global)
		}
	}
	return all
}

// Place returns a topology whose stores are in a place, but for those that say another one.
func (t *Topology) Place(p Place) *Topology {
	placed := &Topology{subs: slices.Clone(t.subs)}
	for i := range placed.subs {
		s := &placed.subs[i]
		s.Stores = slices.Clone(s.Stores)
		for k := range s.Stores {
			if s.Stores[k].Place == Anywhere {
				s.Stores[k].Place = p
			}
		}
	}
	return placed
}

// Graph collects nodes and edges for [Graph.Build]. The zero Graph is empty.
type Graph struct {
	sources    []Source
	processors []Processor
	sinks      []Sink
	order      []string
	edges      [][2]string
	globals    []GlobalStore
	together   [][]string // names of sources
}

// AddSource adds a source.
func (g *Graph) AddSource(s Source) {
	g.sources = append(g.sources, s)
	g.order = append(g.order, s.Name)
}

// AddProcessor adds a processor below its parents.
func (g *Graph) AddProcessor(p Processor, parents ...string) {
	g.processors = append(g.processors, p)
	g.link(p.Name, parents)
}

// Parents returns the nodes right above a node.
func (g *Graph) Parents(name string) (parents []string) {
	for _, e := range g.edges {
		if e[1] == name {
			parents = append(parents, e[0])
		}
	}
	return parents
}

// AddStores connects a processor that was added with more stores.
func (g *Graph) AddStores(processor string, stores ...Store) {
	for i := range g.processors {
		if g.processors[i].Name == processor {
			g.processors[i].Stores = append(g.processors[i].Stores, stores...)
		}
	}
}

// Children returns the nodes below a node, in the order in which they were added.
func (g *Graph) Children(name string) (out []string) {
	for _, e := range g.edges {
		if e[0] == name {
			out = append(out, e[1])
		}
	}
	return out
}

// Sources returns the names of the sources that a node is below, itself if it is one.
func (g *Graph) Sources(node string) (sources []string) {
	if slices.ContainsFunc(g.sources, func(s Source) bool { return s.Name == node }) {
		return []string{node}
	}
	for _, e := range g.edges {
		if e[1] != node {
			continue
		}
		for _, s := range g.Sources(e[0]) {
			if !slices.Contains(sources, s) {
				sources = append(sources, s)
			}
		}
	}
	return sources
}

// AddSink adds a sink below its parents.
func (g *Graph) AddSink(s Sink, parents ...string) {
	g.sinks = append(g.sinks, s)
	g.link(s.Name, parents)
}

// AddGlobal adds a global store.
func (g *Graph) AddGlobal(s GlobalStore) {
	g.globals = append(g.globals, s)
	g.order = append(g.order, s.Source.Name)
	g.link(s.Processor.Name, []string{s.Source.Name})
}

func (g *Graph) link(name string, parents []string) {
	g.order = append(g.order, name)
	for _, p := range parents {
		g.edges = append(g.edges, [2]string{p, name})
	}
}

// Build checks the graph and cuts it into subtopologies, numbered by their
// first node. The error reports everything that is wrong: names used twice,
// unknown parents, a topic read by two sources, no source at all, records that
// would come back to where they were read, stores that cannot be, names that Kafka does
// not allow.
func (g *Graph) Build() (*Topology, error) {
	errs := g.check()
	t, wrong := g.cut()
	errs = append(errs, wrong...)
	errs = append(errs, checkLoops(t.subs)...)
	if len(errs) > 0 {
		return nil, fmt.Errorf("build topology: %w", errors.Join(errs...))
	}
	return t, nil
}

// cut makes the subtopologies, and returns which stores and nodes do not fit into them. What
// is wrong with the nodes themselves is left out.
func (g *Graph) cut() (t *Topology, errs []error) {
	root := g.components()
	index := map[string]int{}
	t = &Topology{}
	for _, name := range g.order {
		if _, seen := index[root[name]]; !seen {
			index[root[name]] = len(t.subs)
			t.subs = append(t.subs, Subtopology{ID: len(t.subs)})
		}
	}
	sub := func(name string) *Subtopology { return &t.subs[index[root[name]]] }
	for _, s := range g.sources {
		sub(s.Name).Sources = append(sub(s.Name).Sources, s)
	}
	for _, p := range g.processors {
		sub(p.Name).Processors = append(sub(p.Name).Processors, p)
		errs = append(errs, sub(p.Name).merge(p.Stores)...)
	}
	for _, s := range g.sinks {
		sub(s.Name).Sinks = append(sub(s.Name).Sinks, s)
	}
	for _, s := range g.globals {
		sub(s.Source.Name).Global = &s
	}
	for _, name := range g.order {
		sub(name).order = append(sub(name).order, name)
	}
	for _, e := range g.edges {
		if root[e[0]] != "" {
			sub(e[0]).edges = append(sub(e[0]).edges, e)
		}
	}
	for _, group := range g.together {
		if s := sub(group[0]); root[group[0]] != "" {
			s.Copartitioned = append(s.Copartitioned, group)
		}
	}
	for i := range t.subs {
		errs = append(errs, t.subs[i].checkStores()...)
		first, reads := t.subs[i].order[0], len(t.subs[i].Sources) > 0 || t.subs[i].Global != nil
		if first != "" && !reads && len(allSources(g)) > 0 && !g.unknownParent(t.subs[i].order) {
			errs = append(errs, fmt.Errorf("node %q is below no source, so that nothing comes to it: add it below a node that "+
				"reads a topic", first))
		}
	}
	return t, errs
}

// check returns what is wrong with nodes.
func (g *Graph) check() (errs []error) {
	again := g.readTwice()
	seen := map[string]int{}
	for _, name := range g.order {
		switch {
		case name == "":
			errs = append(errs, errors.New("a node has no name: give it one"))
		case seen[name] > 0 && !slices.ContainsFunc(again, func(topic string) bool { return strings.HasPrefix(name, topic) }):
			errs = append(errs, fmt.Errorf("two nodes are named %q: give each its own name", name))
		}
		seen[name]++
	}
	for _, e := range g.edges {
		switch {
		case seen[e[0]] == 0:
			errs = append(errs, fmt.Errorf("node %q is added below %q, and there is no such node: name one that there is", e[1],
				e[0]))
		case seen[e[0]]+seen[e[1]] == 2 && slices.Index(g.order, e[0]) >= slices.Index(g.order, e[1]):
			errs = append(errs, fmt.Errorf("node %q is added below %q, which comes after it, so that records could go round in "+
				"a circle: add each node after those above it", e[1], e[0]))
		}
	}
	if len(allSources(g)) == 0 {
		errs = append(errs, errNoSource)
	}
	errs = append(errs, g.checkTopics()...)
	errs = append(errs, g.checkNames()...)
	errs = append(errs, checkGlobals(g)...)
	return append(errs, g.checkTogether()...)
}

// unknownParent reports whether one of the nodes was added below a node that is not there.
func (g *Graph) unknownParent(nodes []string) bool {
	return slices.ContainsFunc(g.edges, func(e [2]string) bool {
		return slices.Contains(nodes, e[1]) && !slices.Contains(g.order, e[0])
	})
}

// checkTopics returns what is wrong with what the sources read.
func (g *Graph) checkTopics() (errs []error) {
	readers := map[topic]string{}
	for _, s := range allSources(g) {
		errs = append(errs, s.check()...)
		for _, name := range s.Reads() {
			t := topic{name, s.Internal}
			other, again := readers[t]
			switch {
			case again && s.Internal:
				errs = append(errs, fmt.Errorf("two repartition topics are named %q: give each its own name",
					strings.TrimSuffix(name, "-repartition")))
			case again && other == s.Name:
				errs = append(errs, fmt.Errorf("source %q names topic %q twice: name it once", s.Name, name))
			case again:
				errs = append(errs, fmt.Errorf("sources %q and %q both read topic %q: read it once and branch", other, s.Name,
					name))
			}
			readers[t] = s.Name
		}
	}
	for _, s := range allSources(g) {
		for t, other := range readers {
			if !t.internal && s.Matches(t.name) {
				errs = append(errs, fmt.Errorf("sources %q and %q both read topic %q: the pattern %s must not match it", other,
					s.Name, t.name, s.Pattern))
			}
		}
	}
	return errs
}

// readTwice returns the repartition topics that two sources read.
func (g *Graph) readTwice() (topics []string) {
	seen := map[string]bool{}
	for _, s := range g.sources {
		if s.Internal && seen[s.Topic] {
			topics = append(topics, s.Topic)
		}
		seen[s.Topic] = s.Internal
	}
	return topics
}

// Copartition says that sources must read topics with equal numbers of partitions, as
// those of a join must. An app checks it when it starts, and makes repartition topics
// accordingly.
func (g *Graph) Copartition(sources ...string) {
	if len(sources) > 0 {
		g.together = append(g.together, sources)
	}
}

// checkTogether returns which sources are copartitioned and unknown.
func (g *Graph) checkTogether() (errs []error) {
	for _, group := range g.together {
		for _, name := range group {
			if !slices.ContainsFunc(g.sources, func(s Source) bool { return s.Name == name }) {
				errs = append(errs, fmt.Errorf("sources that need equal numbers of partitions: there is no source %q: name one "+
					"that there is", name))
			}
		}
	}
	return errs
}

// components returns the root of each node's connected part (union-find).
func (g *Graph) components() map[string]string {
	parent := map[string]string{}
	for _, n := range g.order {
		parent[n] = n
	}
	find := func(n string) string {
		for parent[n] != n {
			n = parent[n]
		}
		return n
	}
	join := func(one, other string) {
		if parent[one] != "" && parent[other] != "" { // otherwise a node is missing
			parent[find(one)] = find(other)
		}
	}
	for _, e := range g.edges {
		join(e[1], e[0])
	}
	for _, group := range g.together {
		for _, name := range group {
			join(name, group[0])
		}
	}
	owner := map[string]string{}
	for _, p := range g.processors {
		for _, s := range p.Stores {
			if o, ok := owner[s.Name]; ok {
				join(p.Name, o)
			}
			owner[s.Name] = p.Name
		}
	}
	out := make(map[string]string, len(parent))
	for n := range parent {
		out[n] = find(n)
	}
	return out
}
