package ours

import (
	"fmt"
	"strings"

	"github.com/suiro/suiro/scripts/oracle-streams/internal/cases"
	"github.com/suiro/suiro/streams"
	"github.com/suiro/suiro/streams/topology"
)

// missing is the error of what streams does not have.
type missing string

func (m missing) Error() string { return "streams has no " + string(m) }

// build makes the topology of a case.
type build struct {
	b     *streams.Builder
	nodes map[string]any
	// stores are those that can be read, by name.
	stores map[string]content
	seen   []string
}

func (b *build) topology(steps []cases.Step) (*topology.Topology, error) {
	for i := range steps {
		if err := b.step(&steps[i]); err != nil {
			return nil, err
		}
	}
	return b.b.Build()
}

// node is what a step can work on.
type node interface {
	// apply makes what the step asks for.
	apply(b *build, s *cases.Step) (any, error)
}

func (b *build) step(s *cases.Step) error {
	made, err := b.made(s)
	if err != nil {
		return err
	}
	if err := plain(s); err != nil {
		return err
	}
	if len(s.Out) == 1 {
		b.nodes[s.Out[0]] = made
	}
	return nil
}

func (b *build) made(s *cases.Step) (any, error) {
	if s.Op == "stream" {
		if len(s.Topics) != 1 {
			return nil, missing("stream of several topics")
		}
		return stream[textual, textual]{streams.Stream(b.b, s.Topics[0], textKind.serde, textKind.serde, names(s)...),
			textKind, textKind}, nil
	}
	if s.Op == "table" {
		made := streams.Table(b.b, s.Topics[0], textKind.serde, textKind.serde, rowOptions(s)...)
		return table[textual, textual]{made, textKind, textKind}.stored(b, made), nil
	}
	if len(s.In) == 0 {
		return nil, missing(s.Op)
	}
	from, ok := b.nodes[s.In[0]].(node)
	if !ok {
		return nil, fmt.Errorf("the case has no step that makes %s", s.In[0])
	}
	return from.apply(b, s)
}

// plain refuses options that no operator has yet.
func plain(s *cases.Step) error {
	switch {
	case s.Extractor != "":
		return missing("timestamp extractor")
	case s.Op == "count" && s.Store != nil && s.Store.Name == "" && (yes(s.Store.Caching) || yes(s.Store.Logging)):
		return missing("an option that asks for the default, which takes a number")
	case s.Partitions > 0:
		return missing("number of partitions")
	case s.Store != nil && s.Store.Kind != "" && s.Store.Kind != "generated":
		return missing(s.Store.Kind + " store")
	}
	return nil
}

// names is the option that gives the node of a step its name.
func names(s *cases.Step) (opts []streams.Option) {
	if s.Name != "" {
		opts = append(opts, streams.Named(s.Name))
	}
	return opts
}

// storeOptions are the options of a step with a store, but for the store's name.
func storeOptions(s *cases.Step) []streams.Option {
	opts := names(s)
	if s.Store != nil && s.Store.Caching != nil && !*s.Store.Caching {
		opts = append(opts, streams.WithoutCaching())
	}
	if s.Store != nil && s.Store.Logging != nil && !*s.Store.Logging {
		opts = append(opts, streams.WithoutLogging())
	}
	return opts
}

func yes(option *bool) bool { return option != nil && *option }

// fn returns the step's function.
func fn(s *cases.Step) string { return strings.Join(s.Fns, " ") }

// storeName returns the name of the step's store, empty for a generated one.
func storeName(s *cases.Step) string {
	if s.Store == nil {
		return ""
	}
	return s.Store.Name
}
