package topology

import (
	"errors"
	"fmt"
	"slices"
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
// would come back to where they were read, names that Kafka does not allow.
func (g *Graph) Build() (*Topology, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	root := g.components()
	index := map[string]int{}
	t := &Topology{}
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
		if err := sub(p.Name).merge(p.Stores); err != nil {
			return nil, err
		}
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
		sub(e[0]).edges = append(sub(e[0]).edges, e)
	}
	for _, group := range g.together {
		s := sub(group[0])
		s.Copartitioned = append(s.Copartitioned, group)
	}
	if err := t.checkSources(); err != nil {
		return nil, err
	}
	return t, checkLoops(t.subs)
}

func (t *Topology) checkSources() error {
	for _, s := range t.subs {
		if len(s.Sources) == 0 && s.Global == nil {
			return fmt.Errorf("build topology: subtopology %d reads no topic", s.ID)
		}
		if err := s.checkStores(); err != nil {
			return err
		}
	}
	return nil
}

func (g *Graph) check() error {
	var errs []error
	seen := map[string]bool{}
	for _, name := range g.order {
		if seen[name] || name == "" {
			errs = append(errs, fmt.Errorf("node name %q is used twice or empty", name))
		}
		seen[name] = true
	}
	for _, e := range g.edges {
		if !seen[e[0]] {
			errs = append(errs, fmt.Errorf("node %q has an unknown parent %q", e[1], e[0]))
		}
	}
	errs = append(errs, g.checkTopics()...)
	if len(allSources(g)) == 0 {
		errs = append(errs, errNoSource)
	}
	errs = append(errs, g.checkNames()...)
	errs = append(errs, checkGlobals(g)...)
	errs = append(errs, g.checkTogether()...)
	if len(errs) > 0 {
		return fmt.Errorf("build topology: %w", errors.Join(errs...))
	}
	return nil
}

// checkTopics returns what is wrong with what the sources read.
func (g *Graph) checkTopics() (errs []error) {
	topics := map[string]string{}
	for _, s := range allSources(g) {
		named := len(s.Reads()) > 0
		if named == (s.Pattern != nil) {
			errs = append(errs, fmt.Errorf("source %q needs topics or a pattern, and not both", s.Name))
		}
		for _, topic := range s.Reads() {
			if other, dup := topics[topic]; dup {
				errs = append(errs, fmt.Errorf("sources %q and %q both read topic %q: read it once and branch", other, s.Name,
					topic))
			}
			topics[topic] = s.Name
		}
	}
	for _, s := range allSources(g) {
		for topic, other := range topics {
			if s.Matches(topic) {
				errs = append(errs, fmt.Errorf("sources %q and %q both read topic %q: the pattern %s must not match it", other,
					s.Name, topic, s.Pattern))
			}
		}
	}
	return errs
}

// Copartition says that sources must read topics with equal numbers of partitions, as
// those of a join must. An app checks it when it starts, and makes repartition topics
// accordingly.
func (g *Graph) Copartition(sources ...string) { g.together = append(g.together, sources) }

// checkTogether returns which sources are copartitioned and unknown.
func (g *Graph) checkTogether() (errs []error) {
	for _, group := range g.together {
		for _, name := range group {
			if !slices.ContainsFunc(g.sources, func(s Source) bool { return s.Name == name }) {
				errs = append(errs, fmt.Errorf("copartition: there is no source %q", name))
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
	for _, e := range g.edges {
		parent[find(e[1])] = find(e[0])
	}
	for _, group := range g.together {
		for _, name := range group {
			parent[find(name)] = find(group[0])
		}
	}
	owner := map[string]string{}
	for _, p := range g.processors {
		for _, s := range p.Stores {
			if o, ok := owner[s.Name]; ok {
				parent[find(p.Name)] = find(o)
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
