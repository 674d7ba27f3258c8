package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
	"github.com/suiro/suiro/connect/plan/internal/keys"
	"github.com/suiro/suiro/connect/plan/internal/lookup"
)

// Step is a transform with the condition under which it applies.
type Step struct {
	// Transform changes a record.
	Transform connect.Transform
	// Alias is the transform's, for metrics.
	Alias string
	// Class is the transform's, for dead letters, and Version its version, "" when it has
	// none.
	Class, Version string
	// Predicate says which records the transform applies to; nil is all.
	Predicate connect.Predicate
	// PredicateAlias is the predicate's alias, for errors; PredicateClass and
	// PredicateVersion are its class and version.
	PredicateAlias, PredicateClass, PredicateVersion string
	// Negate applies the transform where the predicate does not hold.
	Negate bool
}

// Applies reports whether the transform is to be applied to a record. The error is
// the predicate's.
func (s *Step) Applies(r *connect.Record) (bool, error) {
	if s.Predicate == nil {
		return true, nil
	}
	holds, err := s.Predicate.Test(r)
	if err != nil {
		return false, fmt.Errorf("test the predicate %s: %w", s.PredicateAlias, err)
	}
	return holds != s.Negate, nil
}

var conditionDef = config.New(keys.Condition("")...)

// chainMaker makes the transforms of a connector and the predicates that they use.
type chainMaker struct {
	*parts
	sink    bool                // whether the connector is a sink
	aliases map[string][]string // that the keys transforms and predicates list
	named   map[string]connect.Predicate
	infos   map[string]connect.Info // of the predicates
	used    map[string]bool         // aliases of predicates
}

// makeChain makes the transforms of a connector of a type in order. The runtime's values
// list the aliases.
func makeChain(p *parts, runtime config.Values, of Type) (chain []Step) {
	m := &chainMaker{parts: p, sink: of == Sink, aliases: map[string][]string{}, named: map[string]connect.Predicate{},
		infos: map[string]connect.Info{}, used: map[string]bool{}}
	for _, list := range []string{"predicates", "transforms"} {
		m.aliases[list] = runtime.List(list)
		m.checkAliases(list)
	}
	for _, alias := range m.aliases["predicates"] {
		m.makePredicate(alias)
	}
	for _, alias := range m.aliases["transforms"] {
		if s, ok := m.makeStep("transforms." + alias + "."); ok {
			s.Alias = alias
			if _, splits := s.Transform.(connect.Splitter); splits && m.sink {
				m.refuse(config.Errorf("transforms."+alias+".type", s.Class, "it makes several records of one, and a sink "+
					"takes no such transform: Kafka counts what a sink has written by the offsets of the records that it "+
					"read. Use the transform in the source that writes the topic"))
			}
			chain = append(chain, s)
		}
	}
	for _, alias := range m.aliases["predicates"] {
		if !m.used[alias] {
			p.warn(fmt.Sprintf("predicates.%s has no effect: no transform names it in its key predicate", alias))
		}
	}
	return chain
}

// maxAliases is the greatest number of transforms, and of predicates, of a connector.
const maxAliases = 200

// checkAliases refuses aliases that are listed twice, keys of aliases that are not
// listed, and a class that is written without the ending type.
func (m *chainMaker) checkAliases(list string) {
	aliases := m.aliases[list]
	if len(aliases) > maxAliases {
		m.refuse(config.Errorf(list, fmt.Sprintf("%d aliases", len(aliases)), "must be %d at most", maxAliases))
		m.aliases[list] = nil
		return
	}
	for i, alias := range aliases {
		if slices.Contains(aliases[:i], alias) {
			m.refuse(config.Errorf(list, strings.Join(aliases, ","), "Duplicate alias provided: %s", alias))
		}
		if name := list + "." + alias; m.props[name] != "" {
			m.refuse(config.UnknownKey(name, []string{name + ".type"}))
		}
	}
	m.refuse(below.Unlisted(m.props, list, list, aliases)...)
}

func (m *chainMaker) makePredicate(alias string) {
	prefix := "predicates." + alias + "."
	own := below.Props(m.props, prefix)
	class := strings.TrimSpace(own["type"])
	plugin, info, ok := lookup.Predicates(m.plugins).Find(class)
	if !ok {
		m.refuse(lookup.Predicates(m.plugins).Missing(prefix+"type", class))
		return
	}
	delete(own, "type")
	m.infos[alias] = info
	if v, ok := m.parseOwn(info, own, prefix, foreign.ToPlugins); ok {
		m.named[alias] = construct(m.parts, prefix, func() (connect.Predicate, error) { return plugin.New(v) })
	}
}

func (m *chainMaker) makeStep(prefix string) (s Step, ok bool) {
	before := len(m.errs)
	own := below.Props(m.props, prefix)
	class := strings.TrimSpace(own["type"])
	s.Predicate, s.PredicateAlias, s.Negate = m.condition(own, prefix)
	s.PredicateClass, s.PredicateVersion = m.infos[s.PredicateAlias].Class, m.infos[s.PredicateAlias].Version
	for _, runtime := range []string{"type", "predicate", "negate"} {
		delete(own, runtime)
	}
	plugin, info, ok := lookup.Transformations(m.plugins).Find(class)
	if !ok {
		m.refuse(lookup.Transformations(m.plugins).Missing(prefix+"type", class))
		return s, false
	}
	v, ok := m.parseOwn(info, own, prefix, foreign.ToPlugins)
	if !ok {
		return s, false
	}
	s.Class, s.Version = info.Class, info.Version
	s.Transform = construct(m.parts, prefix, func() (connect.Transform, error) { return plugin.New(v) })
	return s, len(m.errs) == before
}

// condition reads the two keys of a transform that are the runtime's.
func (m *chainMaker) condition(own map[string]string, prefix string) (p connect.Predicate, alias string, negate bool) {
	v, err := conditionDef.Parse(own)
	m.refuse(below.Errors(prefix, err)...)
	alias = v.String("predicate")
	if known := m.aliases["predicates"]; alias != "" && !slices.Contains(known, alias) {
		message := "is not in predicates"
		if near := config.Nearest(alias, known); near != "" {
			message += fmt.Sprintf(", did you mean %q?", near)
		}
		m.refuse(config.Errorf(prefix+"predicate", alias, "%s", message))
	}
	m.used[alias] = true
	return m.named[alias], alias, v.Bool("negate")
}

func sortedKeys(props map[string]string) []string {
	keys := make([]string, 0, len(props))
	for k := range props {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
