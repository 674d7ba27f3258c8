package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
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
	if class == "" {
		return config.MissingKey(key)
	}
	return config.Errorf(key, class, "Class %s could not be found: there is no such %s, %s",
		class, k.noun, k.offer(class))
}

// offer names the class that could be meant, and all that there are.
func (k kind[P]) offer(class string) string {
	all := "vailable are: " + strings.Join(k.classes(), ", ")
	if near := k.nearest(class); near != "" {
		return fmt.Sprintf("did you mean %q? A%s", near, all)
	}
	return "a" + all
}

// nearest returns the class of the plugin with the nearest name, or "" when none
// could be meant.
func (k kind[P]) nearest(class string) string {
	classOf := map[string]string{} // by each name that finds it, in small letters
	for _, p := range k.list {
		info := k.info(p)
		for _, name := range append([]string{info.Class}, info.Aliases...) {
			name = strings.ToLower(name)
			classOf[name], classOf[unqualified(name)] = info.Class, info.Class
		}
	}
	class = strings.ToLower(class)
	known := slices.Sorted(maps.Keys(classOf))
	near := config.Nearest(class, known)
	if near == "" {
		near = config.Nearest(unqualified(class), known)
	}
	return classOf[near]
}

// unqualified is a class in small letters without its Java package and the
// ending connector.
func unqualified(class string) string {
	return strings.TrimSuffix(class[strings.LastIndexByte(class, '.')+1:], "connector")
}

func (k kind[P]) classes() []string {
	out := make([]string, 0, len(k.list))
	for _, p := range k.list {
		out = append(out, k.info(p).Class)
	}
	slices.Sort(out)
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

func headerConverters(p connect.Plugins) kind[connect.HeaderConverterPlugin] {
	return kind[connect.HeaderConverterPlugin]{"header converter", p.HeaderConverters,
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

// connectors are both sources and sinks, which connector.class chooses from.
func connectors(p connect.Plugins) kind[connect.Info] {
	all := make([]connect.Info, 0, len(p.Sources)+len(p.Sinks))
	for _, s := range p.Sources {
		all = append(all, s.Info)
	}
	for _, s := range p.Sinks {
		all = append(all, s.Info)
	}
	return kind[connect.Info]{"connector", all, func(i connect.Info) connect.Info { return i }}
}
