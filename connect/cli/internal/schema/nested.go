package schema

import (
	"encoding/json"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
)

func converters(p connect.Plugins) []connect.Info {
	return command.Infos(p.Converters, func(c connect.ConverterPlugin) connect.Info { return c.Info })
}

func headerConverters(p connect.Plugins) []connect.Info {
	return command.Infos(p.HeaderConverters, func(c connect.HeaderConverterPlugin) connect.Info { return c.Info })
}

func transforms(p connect.Plugins) []connect.Info {
	return command.Infos(p.Transforms, func(t connect.TransformPlugin) connect.Info { return t.Info })
}

func predicates(p connect.Plugins) []connect.Info {
	return command.Infos(p.Predicates, func(p connect.PredicatePlugin) connect.Info { return p.Info })
}

// addNested adds the keys of converters, transforms, predicates, clients and groups of
// topics. Whose keys those of an alias are cannot be said, so that all of its kind are
// accepted.
func addNested(out *node, plugins connect.Plugins, of plan.Type) {
	for key, infos := range map[string][]connect.Info{"key.converter.": converters(plugins),
		"value.converter.": converters(plugins), "header.converter.": headerConverters(plugins)} {
		for name, value := range merged(infos) {
			out.Properties[key+name] = value
		}
	}
	for role, def := range roles() {
		for _, k := range def.Keys() {
			out.Properties[role+".override."+k.Name] = refTo(role + "." + k.Name)
		}
	}
	alias := func(list, name string, value *node) {
		out.PatternProperties[`^`+list+`\.[^.]+\.`+quote(name)+`$`] = value
	}
	for name, value := range merged(transforms(plugins)) {
		alias("transforms", name, value)
	}
	for name, value := range merged(predicates(plugins)) {
		alias("predicates", name, value)
	}
	if len(plugins.Transforms) > 0 {
		alias("transforms", "type", typeOf("Class of the transform.", transforms(plugins)))
	}
	if len(plugins.Predicates) > 0 {
		alias("predicates", "type", typeOf("Class of the predicate.", predicates(plugins)))
	}
	alias("transforms", "predicate", &node{Ref: "#/$defs/" + scalarDef,
		Description: "Alias of the predicate that says which records the transform is applied to; all without one."})
	alias("transforms", "negate", valueOf(config.Key{Type: config.Boolean, Default: false,
		Doc: "Apply the transform where the predicate does not hold."}))
	for _, list := range []string{"transforms", "predicates"} {
		alias(list, "plugin.version", &node{Ref: "#/$defs/" + scalarDef, Deprecated: true,
			Description: "It has no effect: there is one version of each plugin."})
	}
	if of == plan.Source {
		out.PatternProperties[`^topic\.creation\.[^.]+\..+$`] = &node{Ref: "#/$defs/" + scalarDef,
			Description: "partitions, replication.factor, include, exclude, or a setting of the topics of a group."}
	}
}

func typeOf(doc string, infos []connect.Info) *node {
	out := named(infos...)
	out.Description = doc
	return out
}

// merged are the keys of all plugins of a kind. A key that some of them declare in another
// way has the values of each.
func merged(infos []connect.Info) map[string]*node {
	distinct := map[string][]*node{}
	for _, i := range infos {
		if i.Def == nil {
			continue
		}
		for _, k := range i.Def.Keys() {
			value := valueOf(k)
			value.Title = command.Simple(i.Class)
			same := func(other *node) bool { return equal(other, value) }
			if !slices.ContainsFunc(distinct[k.Name], same) {
				distinct[k.Name] = append(distinct[k.Name], value)
			}
		}
	}
	out := map[string]*node{}
	for name, values := range distinct {
		if len(values) == 1 {
			values[0].Title = ""
			out[name] = values[0]
			continue
		}
		out[name] = &node{AnyOf: values, Description: values[0].Description}
	}
	return out
}

// equal reports whether two values are the same but for their titles.
func equal(a, b *node) bool {
	first, second := *a, *b
	first.Title, second.Title = "", ""
	one, _ := json.Marshal(first) // a node can always be written
	other, _ := json.Marshal(second)
	return string(one) == string(other)
}
