package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
)

// Step is a transform with the condition under which it applies.
type Step struct {
	// Transform changes a record.
	Transform connect.Transform
	// Class is the transform's, for dead letters.
	Class string
	// Predicate says which records the transform applies to; nil is all.
	Predicate connect.Predicate
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
		return false, fmt.Errorf("test the predicate: %w", err)
	}
	return holds != s.Negate, nil
}

var conditionDef = config.New(conditionKeys("")...)

// conditionKeys are the keys of the runtime that say when a transform applies.
func conditionKeys(group string) []config.Key {
	return []config.Key{
		{Name: "predicate", Type: config.String, Default: "", Importance: config.Medium, Group: group,
			Doc: "Alias of the predicate that says which records the transform applies to; all when empty."},
		{Name: "negate", Type: config.Boolean, Default: false, Importance: config.Medium, Group: group,
			Doc: "Whether the transform applies to the records for which the predicate does not hold."},
	}
}

// makeChain compiles the transforms in order, and the predicates they use.
func (c *compiler) makeChain() {
	named := c.makePredicates()
	aliases := c.runtime.List("transforms")
	for _, alias := range aliases {
		if s, ok := c.makeStep("transforms."+alias+".", named); ok {
			c.out.Chain = append(c.out.Chain, s)
		}
	}
	c.errs = append(c.errs, unnamed(c.props, "transforms", "transforms", aliases)...)
}

func (c *compiler) makePredicates() map[string]connect.Predicate {
	out := map[string]connect.Predicate{}
	aliases := c.runtime.List("predicates")
	for _, alias := range aliases {
		prefix := "predicates." + alias + "."
		own := under(c.props, prefix)
		class := strings.TrimSpace(own["type"])
		p, info, ok := predicates(c.plugins).find(class)
		if !ok {
			c.errs = append(c.errs, predicates(c.plugins).missing(prefix+"type", class))
			continue
		}
		delete(own, "type")
		if v, ok := c.parseOwn(info, own, prefix, foreign.ToPlugins); ok {
			out[alias] = construct(c, prefix, func() (connect.Predicate, error) { return p.New(v) })
		}
	}
	c.errs = append(c.errs, unnamed(c.props, "predicates", "predicates", aliases)...)
	return out
}

func (c *compiler) makeStep(prefix string, named map[string]connect.Predicate) (s Step, ok bool) {
	before := len(c.errs)
	own := under(c.props, prefix)
	class := strings.TrimSpace(own["type"])
	s.Predicate, s.Negate = c.condition(own, prefix, named)
	for _, runtime := range []string{"type", "predicate", "negate"} {
		delete(own, runtime)
	}
	p, info, ok := transformations(c.plugins).find(class)
	if !ok {
		c.errs = append(c.errs, transformations(c.plugins).missing(prefix+"type", class))
		return s, false
	}
	v, ok := c.parseOwn(info, own, prefix, foreign.ToPlugins)
	if !ok {
		return s, false
	}
	s.Class = info.Class
	s.Transform = construct(c, prefix, func() (connect.Transform, error) { return p.New(v) })
	return s, len(c.errs) == before
}

// condition reads the two keys of a transform that are the runtime's.
func (c *compiler) condition(own map[string]string, prefix string, named map[string]connect.Predicate) (
	predicate connect.Predicate, negate bool) {
	v, err := conditionDef.Parse(own)
	c.errs = append(c.errs, withPrefix(prefix, err)...)
	alias := v.String("predicate")
	if alias != "" && !slices.Contains(c.runtime.List("predicates"), alias) {
		c.errs = append(c.errs, config.Errorf(prefix+"predicate", alias, "is not in predicates"))
	}
	return named[alias], v.Bool("negate")
}

// unnamed finds keys below prefix of aliases that the key list does not name.
func unnamed(props map[string]string, prefix, list string, aliases []string) config.Errors {
	var errs config.Errors
	for _, k := range sortedKeys(props) {
		rest, ok := strings.CutPrefix(k, prefix+".")
		if !ok || slices.ContainsFunc(aliases, func(a string) bool { return rest == a || strings.HasPrefix(rest, a+".") }) {
			continue
		}
		e := config.UnknownKey(k, nil)
		alias, _, _ := strings.Cut(rest, ".")
		e.Message += fmt.Sprintf(": %q is not in %s", alias, list)
		errs = append(errs, e)
	}
	return errs
}

func sortedKeys(props map[string]string) []string {
	keys := make([]string, 0, len(props))
	for k := range props {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
