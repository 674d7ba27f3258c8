package cli

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
)

// pluginKind is a kind of plugin as people are shown it.
type pluginKind struct {
	api    string // in JSON, as the REST API calls it
	noun   string
	title  string
	prefix string // what stands before its keys in a configuration
}

// The kinds of plugins.
var (
	sourceKind    = pluginKind{"source", "source connector", "Source connectors", ""}
	sinkKind      = pluginKind{"sink", "sink connector", "Sink connectors", ""}
	converterKind = pluginKind{"converter", "converter", "Converters", "key.converter. or value.converter."}
	headerKind    = pluginKind{"header_converter", "header converter", "Header converters", "header.converter."}
	transformKind = pluginKind{"transformation", "transform", "Transforms", "transforms.ALIAS."}
	predicateKind = pluginKind{"predicate", "predicate", "Predicates", "predicates.ALIAS."}
)

// plugin is one plugin of a list.
type plugin struct {
	kind pluginKind
	connect.Info
}

// name is what configurations may call the plugin.
func (p plugin) name() string { return command.Simple(p.Class) }

// catalog lists plugins by kind and name.
func catalog(p connect.Plugins) []plugin {
	var all []plugin
	add := func(kind pluginKind, infos []connect.Info) {
		slices.SortFunc(infos, func(a, b connect.Info) int {
			return strings.Compare(command.Simple(a.Class), command.Simple(b.Class))
		})
		for _, i := range infos {
			all = append(all, plugin{kind, i})
		}
	}
	add(sourceKind, command.Infos(p.Sources, func(p connect.SourcePlugin) connect.Info { return p.Info }))
	add(sinkKind, command.Infos(p.Sinks, func(p connect.SinkPlugin) connect.Info { return p.Info }))
	add(converterKind, command.Infos(p.Converters, func(p connect.ConverterPlugin) connect.Info { return p.Info }))
	add(headerKind, command.Infos(p.HeaderConverters,
		func(p connect.HeaderConverterPlugin) connect.Info { return p.Info }))
	add(transformKind, command.Infos(p.Transforms, func(p connect.TransformPlugin) connect.Info { return p.Info }))
	add(predicateKind, command.Infos(p.Predicates, func(p connect.PredicatePlugin) connect.Info { return p.Info }))
	return all
}

// named returns the plugins that a name means, in any case of letters: its class,
// an alias, or the part of a class before $Key and $Value.
func named(all []plugin, name string) (found []plugin) {
	for _, p := range all {
		if slices.ContainsFunc(names(p), func(n string) bool { return strings.EqualFold(n, name) }) {
			found = append(found, p)
		}
	}
	return found
}

// names are all that [named] finds a plugin by.
func names(p plugin) []string {
	var out []string
	for _, class := range append([]string{p.Class}, p.Aliases...) {
		short := strings.TrimSuffix(command.Simple(class), "Connector")
		before, _, _ := strings.Cut(command.Simple(class), "$")
		out = append(out, class, command.Simple(class), short, before)
	}
	return out
}

// nearest returns the name of the plugin that was probably meant, or "".
func nearest(all []plugin, name string) string {
	of := map[string]string{}
	var known []string
	for _, p := range all {
		for _, n := range names(p) {
			known = append(known, strings.ToLower(n))
			of[strings.ToLower(n)] = p.name()
		}
	}
	return of[config.Nearest(strings.ToLower(command.Simple(name)), known)]
}
