// Package lookup finds plugins by the classes that configurations name, and says what
// to use where there is none.
package lookup

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/foreign"
)

// Kind is one kind of plugin, for looking one up by its class.
type Kind[P any] struct {
	noun   string // as errors call it
	list   []P
	info   func(P) connect.Info
	others []foreign.Classes // of other parts of the ecosystem
}

// Find returns the plugin that class names.
func (k Kind[P]) Find(class string) (plugin P, info connect.Info, ok bool) {
	if foreign.IsNamesake(class) {
		return plugin, info, false
	}
	for _, p := range k.list {
		if info := k.info(p); info.Is(class) {
			return p, info, true
		}
	}
	return plugin, info, false
}

// Missing is the error for a class that Find does not know; key holds it.
func (k Kind[P]) Missing(key, class string) config.KeyError {
	if class == "" {
		return config.MissingKey(key)
	}
	const found = "Class %s could not be found: there is no such %s"
	switch near, remedy := k.nearest(class), foreign.Remedy(class, k.others); {
	case remedy != "":
		return config.Errorf(key, class, found+"; %s", class, k.noun, remedy)
	case len(near) > 0:
		return config.Errorf(key, class, found+", did you mean %s?", class, k.noun, strings.Join(near, " or "))
	}
	return config.Errorf(key, class, found+", available are: %s", class, k.noun, strings.Join(k.simpleNames(), ", "))
}

// NoConnector is the error for a class of connectors that Find does not know.
func (k Kind[P]) NoConnector(class string) error {
	const javaWorker = "this connector needs a Java worker of Kafka Connect, which can use the same brokers"
	sentence := "Failed to find any class that implements Connector and which name matches " + class + ", "
	all := "vailable connectors are: " + strings.Join(k.Classes(), ", ")
	switch near, remedy := k.nearest(class), foreign.Remedy(class, k.others); {
	case remedy != "":
		return fmt.Errorf("%sa%s; %s; %s", sentence, all, remedy, javaWorker)
	case len(near) > 0:
		return fmt.Errorf("%sdid you mean %s? A%s", sentence, strings.Join(near, " or "), all)
	case strings.Contains(class, "."):
		return fmt.Errorf("%sa%s; %s", sentence, all, javaWorker)
	}
	return errors.New(sentence + "a" + all)
}

// nearest returns the classes of the plugins whose simple names are nearest, each
// in quotes: those of which class is the beginning, such as InsertField, or those
// with the fewest slips.
func (k Kind[P]) nearest(class string) (near []string) {
	const shortest, longest = 4, 250 // letters
	if len(class) > longest {
		return nil
	}
	class = simpleName(strings.ToLower(class))
	distance := len(class)/4 + 1
	for _, p := range k.list {
		info := k.info(p)
		for _, name := range append([]string{info.Class}, info.Aliases...) {
			name = simpleName(strings.ToLower(name))
			d := min(config.Edits(class, name), config.Edits(class, name+"connector")) // whose ending may have slips
			if rest, begins := strings.CutPrefix(name, class); begins && len(class) >= shortest && rest != "" {
				d = 1
			}
			if d < distance {
				near, distance = nil, d
			}
			if quoted := strconv.Quote(info.Class); d == distance && d <= len(class)/4 && !slices.Contains(near, quoted) {
				near = append(near, quoted)
			}
		}
	}
	return near
}

// simpleName is a class without its Java package and the ending connector.
func simpleName(class string) string {
	class = class[strings.LastIndexByte(class, '.')+1:]
	return strings.TrimSuffix(strings.TrimSuffix(class, "Connector"), "connector")
}

// simpleNames are the classes without their Java packages, which Find takes too.
func (k Kind[P]) simpleNames() []string {
	out := k.Classes()
	for i := range out {
		out[i] = simpleName(out[i])
	}
	return out
}

// Classes are the classes of all plugins of the kind, sorted.
func (k Kind[P]) Classes() []string {
	out := make([]string, 0, len(k.list))
	for _, p := range k.list {
		out = append(out, k.info(p).Class)
	}
	slices.Sort(out)
	return out
}

// Sources are those that connector.class may name.
func Sources(p connect.Plugins) Kind[connect.SourcePlugin] {
	return Kind[connect.SourcePlugin]{"connector", p.Sources,
		func(p connect.SourcePlugin) connect.Info { return p.Info }, foreign.Connectors}
}

// Sinks are those that connector.class may name.
func Sinks(p connect.Plugins) Kind[connect.SinkPlugin] {
	return Kind[connect.SinkPlugin]{"connector", p.Sinks,
		func(p connect.SinkPlugin) connect.Info { return p.Info }, foreign.Connectors}
}

// Converters are those of keys and values.
func Converters(p connect.Plugins) Kind[connect.ConverterPlugin] {
	return Kind[connect.ConverterPlugin]{"converter", p.Converters,
		func(p connect.ConverterPlugin) connect.Info { return p.Info }, foreign.Converters}
}

// HeaderConverters are those of headers.
func HeaderConverters(p connect.Plugins) Kind[connect.HeaderConverterPlugin] {
	return Kind[connect.HeaderConverterPlugin]{"header converter", p.HeaderConverters,
		func(p connect.HeaderConverterPlugin) connect.Info { return p.Info }, foreign.Converters}
}

// Transformations are what transforms.<alias>.type may name.
func Transformations(p connect.Plugins) Kind[connect.TransformPlugin] {
	return Kind[connect.TransformPlugin]{"transformation", p.Transforms,
		func(p connect.TransformPlugin) connect.Info { return p.Info }, foreign.Transforms}
}

// Predicates are what predicates.<alias>.type may name.
func Predicates(p connect.Plugins) Kind[connect.PredicatePlugin] {
	return Kind[connect.PredicatePlugin]{"predicate", p.Predicates,
		func(p connect.PredicatePlugin) connect.Info { return p.Info }, nil}
}

// Connectors are both sources and sinks, which connector.class chooses from.
func Connectors(p connect.Plugins) Kind[connect.Info] {
	all := make([]connect.Info, 0, len(p.Sources)+len(p.Sinks))
	for _, s := range p.Sources {
		all = append(all, s.Info)
	}
	for _, s := range p.Sinks {
		all = append(all, s.Info)
	}
	return Kind[connect.Info]{"connector", all, func(i connect.Info) connect.Info { return i }, foreign.Connectors}
}

// Infos is a kind without the constructors of its plugins.
func Infos[P any](k Kind[P]) Kind[connect.Info] {
	out := Kind[connect.Info]{noun: k.noun, others: k.others, info: func(i connect.Info) connect.Info { return i }}
	for _, p := range k.list {
		out.list = append(out.list, k.info(p))
	}
	return out
}

// TaskClass is the name of a connector's tasks after Kafka Connect's habit: that of the
// connector with Task in the place of Connector. A class that was written without its
// Java package has the one of the alias that it stands for, when there is one, because
// Kafka Connect finds classes of tasks by their whole names alone.
func TaskClass(info connect.Info, written string) string {
	whole := func(name string) bool { return strings.Contains(name, ".") }
	if i := slices.IndexFunc(info.Aliases, func(alias string) bool {
		return whole(alias) && connect.Info{Class: alias}.Is(written)
	}); i >= 0 && !whole(written) {
		written = info.Aliases[i]
	}
	return strings.TrimSuffix(written, "Connector") + "Task"
}
