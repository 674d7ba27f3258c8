package worker

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// parts are the converters and transforms of a connector. All its tasks share
// them.
type parts struct {
	key    connect.Converter
	value  connect.Converter
	header headerConverter
	chain  chain
}

// buildParts makes the parts from the connector's configuration, where
// converters fall back on the worker's.
func (w *Worker) buildParts(c *connectorConfig) (*parts, config.Errors) {
	var errs config.Errors
	p := &parts{}
	p.key = w.converter(c.props, "key.converter", KeyConverter, &errs)
	p.value = w.converter(c.props, "value.converter", ValueConverter, &errs)
	p.header = newHeaderConverter(w.setting(c.props, "header.converter"))
	predicates := w.predicates(c.props, &errs)
	p.chain = w.chain(c.props, predicates, &errs)
	return p, errs
}

// setting is a key of the connector, or else of the worker or its default.
func (w *Worker) setting(props map[string]string, key string) string {
	if v := strings.TrimSpace(props[key]); v != "" {
		return v
	}
	return w.cfg.values.String(key)
}

func (w *Worker) converter(props map[string]string, key string, stage Stage, errs *config.Errors) connect.Converter {
	class := w.setting(props, key)
	for _, p := range w.plugins.Converters {
		if !p.Is(class) {
			continue
		}
		own := under(w.cfg.props, key+".")
		if props[key] != "" && !p.Is(w.cfg.values.String(key)) {
			own = map[string]string{} // the worker's are for another class
		}
		maps.Copy(own, under(props, key+"."))
		values, ok := parseOwn(p.Info, own, key+".", errs)
		if !ok {
			return nil
		}
		conv, err := p.New(values, stage == KeyConverter)
		if err != nil {
			*errs = append(*errs, withPrefix(key+".", err)...)
			return nil
		}
		return stagedConverter{conv, stage, p.Class}
	}
	*errs = append(*errs, notFound(key, class, "converter",
		classes(w.plugins.Converters, func(p connect.ConverterPlugin) string { return p.Class })))
	return nil
}

// parseOwn parses the keys under a plugin's prefix. ok is false when errs got
// something.
func parseOwn(info connect.Info, props map[string]string, prefix string, errs *config.Errors) (v config.Values, ok bool) {
	def := info.Def
	if def == nil {
		def = config.New()
	}
	before := len(*errs)
	v, err := def.Parse(props)
	*errs = append(*errs, withPrefix(prefix, err)...)
	for _, name := range def.Unknown(props) {
		*errs = append(*errs, config.UnknownKey(prefix+name, prefixed(prefix, names(def.Keys()))))
	}
	if err == nil && info.Validate != nil {
		if own := info.Validate(v); len(own) > 0 {
			*errs = append(*errs, withPrefix(prefix, own)...)
		}
	}
	return v, len(*errs) == before
}

func classes[P any](plugins []P, class func(P) string) []string {
	var out []string
	for _, p := range plugins {
		out = append(out, class(p))
	}
	sort.Strings(out)
	return out
}

func notFound(key, class, kind string, available []string) config.KeyError {
	return config.Errorf(key, class, "Class %s could not be found: there is no such %s, available are: %s",
		class, kind, strings.Join(available, ", "))
}

func (w *Worker) predicates(props map[string]string, errs *config.Errors) map[string]connect.Predicate {
	out := map[string]connect.Predicate{}
	aliases := listOf(props["predicates"])
	for _, alias := range aliases {
		prefix := "predicates." + alias + "."
		own := under(props, prefix)
		class := own["type"]
		delete(own, "type")
		i := slices.IndexFunc(w.plugins.Predicates, func(p connect.PredicatePlugin) bool { return p.Is(class) })
		if i < 0 {
			*errs = append(*errs, notFound(prefix+"type", class, "predicate",
				classes(w.plugins.Predicates, func(p connect.PredicatePlugin) string { return p.Class })))
			continue
		}
		p := w.plugins.Predicates[i]
		values, ok := parseOwn(p.Info, own, prefix, errs)
		if !ok {
			continue
		}
		predicate, err := p.New(values)
		if err != nil {
			*errs = append(*errs, withPrefix(prefix, err)...)
			continue
		}
		out[alias] = predicate
	}
	*errs = append(*errs, unnamed(props, "predicates", aliases)...)
	return out
}

func (w *Worker) chain(props map[string]string, predicates map[string]connect.Predicate, errs *config.Errors) chain {
	var out chain
	aliases := listOf(props["transforms"])
	for _, alias := range aliases {
		if s, ok := w.step(props, "transforms."+alias+".", predicates, errs); ok {
			out = append(out, s)
		}
	}
	*errs = append(*errs, unnamed(props, "transforms", aliases)...)
	return out
}

func (w *Worker) step(props map[string]string, prefix string, predicates map[string]connect.Predicate,
	errs *config.Errors) (s step, ok bool) {
	own := under(props, prefix)
	class, predicate, negate := own["type"], own["predicate"], own["negate"]
	delete(own, "type")
	delete(own, "predicate")
	delete(own, "negate")
	before := len(*errs)
	if predicate != "" {
		if s.predicate = predicates[predicate]; s.predicate == nil {
			*errs = append(*errs, config.Errorf(prefix+"predicate", predicate, "is not in predicates"))
		}
	}
	switch negate {
	case "", "false":
	case "true":
		s.negate = true
	default:
		*errs = append(*errs, config.Errorf(prefix+"negate", negate, "Expected value to be either true or false"))
	}
	i := slices.IndexFunc(w.plugins.Transforms, func(p connect.TransformPlugin) bool { return p.Is(class) })
	if i < 0 {
		*errs = append(*errs, notFound(prefix+"type", class, "transformation",
			classes(w.plugins.Transforms, func(p connect.TransformPlugin) string { return p.Class })))
		return s, false
	}
	p := w.plugins.Transforms[i]
	values, ok := parseOwn(p.Info, own, prefix, errs)
	if !ok {
		return s, false
	}
	t, err := p.New(values)
	if err != nil {
		*errs = append(*errs, withPrefix(prefix, err)...)
	}
	s.transform, s.class = t, p.Class
	return s, len(*errs) == before
}

// unnamed finds keys of aliases that the list does not name.
func unnamed(props map[string]string, list string, aliases []string) config.Errors {
	var errs config.Errors
	var keys []string
	for k := range props {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		rest, ok := strings.CutPrefix(k, list+".")
		if !ok || slices.ContainsFunc(aliases, func(a string) bool { return strings.HasPrefix(rest, a+".") }) {
			continue
		}
		e := config.UnknownKey(k, nil)
		alias, _, _ := strings.Cut(rest, ".")
		e.Message += fmt.Sprintf(": %q is not in %s", alias, list)
		errs = append(errs, e)
	}
	return errs
}

func listOf(text string) []string {
	var out []string
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
