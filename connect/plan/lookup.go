package plan

import (
	"sort"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/header"
)

// kind is one kind of plugin, for looking one up by its class.
type kind[P any] struct {
	noun string // as errors call it
	list []P
	info func(P) connect.Info
}

// find returns the plugin that class names.
func (k kind[P]) find(class string) (plugin P, info connect.Info, ok bool) {
	for _, p := range k.list {
		if info := k.info(p); info.Is(class) {
			return p, info, true
		}
	}
	return plugin, info, false
}

// missing is the error for a class that find does not know; key holds it.
func (k kind[P]) missing(key, class string) config.KeyError {
	return config.Errorf(key, class, "Class %s could not be found: there is no such %s, available are: %s",
		class, k.noun, strings.Join(k.classes(), ", "))
}

func (k kind[P]) classes() []string {
	out := make([]string, 0, len(k.list))
	for _, p := range k.list {
		out = append(out, k.info(p).Class)
	}
	sort.Strings(out)
	return out
}

func sources(p connect.Plugins) kind[connect.SourcePlugin] {
	return kind[connect.SourcePlugin]{"connector", p.Sources, func(p connect.SourcePlugin) connect.Info { return p.Info }}
}

func sinks(p connect.Plugins) kind[connect.SinkPlugin] {
	return kind[connect.SinkPlugin]{"connector", p.Sinks, func(p connect.SinkPlugin) connect.Info { return p.Info }}
}

func converters(p connect.Plugins) kind[connect.ConverterPlugin] {
	return kind[connect.ConverterPlugin]{"converter", p.Converters,
		func(p connect.ConverterPlugin) connect.Info { return p.Info }}
}

// headerConverters are those of the list, or Kafka Connect's three when it has
// none, because every worker needs one.
func headerConverters(p connect.Plugins) kind[connect.HeaderConverterPlugin] {
	list := p.HeaderConverters
	if len(list) == 0 {
		list = header.Plugins()
	}
	return kind[connect.HeaderConverterPlugin]{"header converter", list,
		func(p connect.HeaderConverterPlugin) connect.Info { return p.Info }}
}

func transformations(p connect.Plugins) kind[connect.TransformPlugin] {
	return kind[connect.TransformPlugin]{"transformation", p.Transforms,
		func(p connect.TransformPlugin) connect.Info { return p.Info }}
}

func predicates(p connect.Plugins) kind[connect.PredicatePlugin] {
	return kind[connect.PredicatePlugin]{"predicate", p.Predicates,
		func(p connect.PredicatePlugin) connect.Info { return p.Info }}
}
