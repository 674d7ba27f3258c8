package ours

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

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
	// added are those that were declared for processors, and tables those of tables of text.
	added  map[string]*streams.KeyValueStore[textual, textual]
	tables map[string]*streams.KTable[textual, textual]
	seen   []string
	// keys are those of the input.
	keys []string
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
	if len(s.Out) == 1 {
		b.nodes[s.Out[0]] = made
	}
	return nil
}

func (b *build) made(s *cases.Step) (any, error) {
	if s.Op == "stream" {
		made, err := b.stream(s)
		return stream[textual, textual]{made, textKind, textKind}, err
	}
	if s.Op == "table" {
		made := streams.Table(b.b, s.Topics[0], textKind.serde, textKind.serde, append(rowOptions(s), reading(s)...)...)
		return table[textual, textual]{made, textKind, textKind}.stored(b, s, made), nil
	}
	if s.Op == "globalTable" {
		made := streams.GlobalTable(b.b, s.Topics[0], textKind.serde, textKind.serde, rowOptions(s)...)
		b.stores[made.QueryableStoreName()] = keyed(textKind)
		return made, nil
	}
	if s.Op == "addStore" {
		addStore(b, s)
		return nil, nil
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

func (b *build) stream(s *cases.Step) (*streams.KStream[textual, textual], error) {
	opts := append(names(s), reading(s)...)
	text := textKind.serde
	switch {
	case s.Pattern != "":
		pattern, err := regexp.Compile(s.Pattern)
		return streams.StreamPattern(b.b, pattern, text, text, opts...), err
	case len(s.Topics) == 1:
		return streams.Stream(b.b, s.Topics[0], text, text, opts...), nil
	}
	return streams.StreamTopics(b.b, s.Topics, text, text, opts...), nil
}

// digits are values that the timestamp extractor of the catalogue takes for times.
var digits = regexp.MustCompile(`^[0-9]{1,12}$`)

// reading are the options of a step that reads topics.
func reading(s *cases.Step) (opts []streams.Option) {
	if s.Extractor == "value" {
		opts = append(opts, streams.WithTimestamps(
			func(r *streams.Record[textual, textual], _ time.Time) (time.Time, error) {
				if !digits.Match(r.Value) {
					return r.Timestamp, nil
				}
				n, err := strconv.ParseInt(string(r.Value), 10, 64)
				return time.UnixMilli(n), err
			}))
	}
	return opts
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
	if s.Store == nil {
		return opts
	}
	opts = append(opts, either(s.Store.Caching, streams.WithCaching, streams.WithoutCaching)...)
	opts = append(opts, either(s.Store.Logging, func() streams.Option { return streams.WithLogging(nil) },
		streams.WithoutLogging)...)
	if s.Store.Kind == "versioned" {
		opts = append(opts, streams.Versioned(millis(s.Store.History)))
	}
	return opts
}

// either is what asks for an option or against it, nothing if nobody does.
func either(asked *bool, with, without func() streams.Option) []streams.Option {
	switch {
	case asked == nil:
		return nil
	case *asked:
		return []streams.Option{with()}
	}
	return []streams.Option{without()}
}

// fn returns the step's function.
func fn(s *cases.Step) string { return strings.Join(s.Fns, " ") }

// storeName returns the name of the step's store, empty for a generated one.
func storeName(s *cases.Step) string {
	if s.Store == nil {
		return ""
	}
	return s.Store.Name
}
