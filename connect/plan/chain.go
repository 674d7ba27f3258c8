package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
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

// Applies reports whether the transform is to be applied to a record.
func (s *Step) Applies(r *connect.Record) bool {
	return s.Predicate == nil || s.Predicate.Test(r) != s.Negate
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
		p, info, ok := predicates(c.plugins).find(own["type"])
		if !ok {
			c.errs = append(c.errs, predicates(c.plugins).missing(prefix+"type", own["type"]))
			continue
		}
		delete(own, "type")
		if v, ok := c.parseOwn(info, own, prefix, foreignToPlugins); ok {
			predicate, err := p.New(v)
			c.made(predicate, prefix, err)
			out[alias] = predicate
		}
	}
	c.errs = append(c.errs, unnamed(c.props, "predicates", "predicates", aliases)...)
	return out
}

func (c *compiler) makeStep(prefix string, named map[string]connect.Predicate) (s Step, ok bool) {
	before := len(c.errs)
	own := under(c.props, prefix)
	class := own["type"]
	s.Predicate, s.Negate = c.condition(own, prefix, named)
	for _, runtime := range []string{"type", "predicate", "negate"} {
		delete(own, runtime)
	}
	p, info, ok := transformations(c.plugins).find(class)
	if !ok {
		c.errs = append(c.errs, transformations(c.plugins).missing(prefix+"type", class))
		return s, false
	}
	v, ok := c.parseOwn(info, own, prefix, foreignToPlugins)
	if !ok {
		return s, false
	}
	t, err := p.New(v)
	c.made(t, prefix, err)
	s.Transform, s.Class = t, info.Class
	return s, len(c.errs) == before
}

// condition reads the two keys of a transform that are the runtime's.
func (c *compiler) condition(own map[string]string, prefix string, named map[string]connect.Predicate) (
	predicate connect.Predicate, negate bool) {
	if alias := own["predicate"]; alias != "" {
		if predicate = named[alias]; predicate == nil {
			c.errs = append(c.errs, config.Errorf(prefix+"predicate", alias, "is not in predicates"))
		}
	}
	switch text := own["negate"]; text {
	case "", "false":
	case "true":
		negate = true
	default:
		c.errs = append(c.errs, config.Errorf(prefix+"negate", text, "Expected value to be either true or false"))
	}
	return predicate, negate
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
