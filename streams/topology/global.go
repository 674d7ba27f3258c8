package topology

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// GlobalStore is a store that each instance has as a whole. It is made of all partitions
// of a topic, which is its changelog too, and no task belongs to it: tasks read it, see
// [Context.Global].
type GlobalStore struct {
	// Source reads the topic. What its New returns writes the store. It has no pattern, and
	// its Timestamp and Reset are not used: a record has the timestamp that it has in Kafka,
	// and a store without records begins with the first one of each partition.
	Source Source
	// Processor is the node below the source. It has one store, key-value or timestamped.
	Processor Processor
}

// Topic is the topic that the store is made of.
func (g *GlobalStore) Topic() string { return g.Source.Topic }

// Store is the store. It has no changelog of its own.
func (g *GlobalStore) Store() Store {
	s := g.Processor.Stores[0]
	s.NoChangelog = true
	return s
}

// allSources are the sources of tasks and of global stores.
func allSources(g *Graph) []Source {
	all := slices.Clone(g.sources)
	for _, s := range g.globals {
		all = append(all, s.Source)
	}
	return all
}

// allProcessors are the processors of tasks and of global stores.
func allProcessors(g *Graph) []Processor {
	all := slices.Clone(g.processors)
	for _, s := range g.globals {
		all = append(all, s.Processor)
	}
	return all
}

// checkGlobals returns what is wrong with the global stores.
func checkGlobals(g *Graph) (errs []error) {
	global := map[string]bool{}
	for _, s := range g.globals {
		if len(s.Processor.Stores) != 1 || s.Source.Topic == "" || len(s.Source.Topics) > 0 {
			errs = append(errs, fmt.Errorf("node %s: a global store is one store, made of one topic", s.Processor.Name))
			continue
		}
		store := s.Store()
		if global[store.Name] {
			errs = append(errs, fmt.Errorf("store %q is made twice: give each global store its own name", store.Name))
		}
		global[store.Name] = true
		if err := store.Check(); err != nil {
			errs = append(errs, err)
		}
	}
	for _, p := range g.processors {
		for _, store := range p.Stores {
			if global[store.Name] {
				errs = append(errs, fmt.Errorf("node %s uses store %q, which is global: every node may read it without being "+
					"given it, so leave it out; or give a store of its own another name", p.Name, store.Name))
			}
		}
	}
	return errs
}

// errNoSource is the error of a graph that reads nothing.
var errNoSource = errors.New("no source: a topology reads at least one topic")

// describeGlobal describes a global store, as Kafka Streams does.
func describeGlobal(s *Subtopology) string {
	source, processor := s.Global.Source, s.Global.Processor
	var b strings.Builder
	fmt.Fprintf(&b, "  Sub-topology: %d for global store (will not generate tasks)\n", s.ID)
	fmt.Fprintf(&b, "    Source: %s (topics: [%s])\n      --> %s\n", source.Name, source.Topic, processor.Name)
	fmt.Fprintf(&b, "    Processor: %s (stores: [%s])\n", processor.Name, s.Global.Store().Name)
	fmt.Fprintf(&b, "      --> none\n      <-- %s\n", source.Name)
	return b.String()
}
