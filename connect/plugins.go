package connect

import (
	"errors"
	"fmt"
	"slices"
)

// Plugins are all the kinds of connectors, converters, transforms and predicates
// that a worker can run. A binary lists them; nothing registers itself.
type Plugins struct {
	// Sources and Sinks are the kinds that connector.class may name.
	Sources []SourcePlugin
	Sinks   []SinkPlugin
	// Converters are the kinds that key.converter and value.converter may name.
	Converters []ConverterPlugin
	// HeaderConverters are the kinds that header.converter may name.
	HeaderConverters []HeaderConverterPlugin
	// Transforms and Predicates are the kinds that their aliases may name.
	Transforms []TransformPlugin
	Predicates []PredicatePlugin
}

// With returns the plugins of p and those of more, and changes neither. A binary
// with plugins of its own runs builtin.Plugins().With(its own).
func (p Plugins) With(more Plugins) Plugins {
	return Plugins{
		Sources:          slices.Concat(p.Sources, more.Sources),
		Sinks:            slices.Concat(p.Sinks, more.Sinks),
		Converters:       slices.Concat(p.Converters, more.Converters),
		HeaderConverters: slices.Concat(p.HeaderConverters, more.HeaderConverters),
		Transforms:       slices.Concat(p.Transforms, more.Transforms),
		Predicates:       slices.Concat(p.Predicates, more.Predicates),
	}
}

// Check refuses plugins that a worker could not tell apart or could not create: two
// of a kind that one name finds, as [Info.Is] says, one without a Class, and one
// without New. Sources and sinks are one kind, because connector.class names both.
// The error names every such plugin. A worker calls Check when it starts.
func (p Plugins) Check() error {
	var errs []error
	for _, k := range []kind{
		append(listed("connector", p.Sources, func(p SourcePlugin) (Info, bool) { return p.Info, p.New != nil }),
			listed("connector", p.Sinks, func(p SinkPlugin) (Info, bool) { return p.Info, p.New != nil })...),
		listed("converter", p.Converters, func(p ConverterPlugin) (Info, bool) { return p.Info, p.New != nil }),
		listed("header converter", p.HeaderConverters,
			func(p HeaderConverterPlugin) (Info, bool) { return p.Info, p.New != nil }),
		listed("transform", p.Transforms, func(p TransformPlugin) (Info, bool) { return p.Info, p.New != nil }),
		listed("predicate", p.Predicates, func(p PredicatePlugin) (Info, bool) { return p.Info, p.New != nil }),
	} {
		errs = append(errs, k.check()...)
	}
	return errors.Join(errs...)
}

// kind holds the plugins that share their names.
type kind []entry

type entry struct {
	noun    string // as errors call it
	info    Info
	creates bool // it has a New
}

func listed[P any](noun string, plugins []P, of func(P) (Info, bool)) kind {
	var out kind
	for _, p := range plugins {
		info, creates := of(p)
		out = append(out, entry{noun, info, creates})
	}
	return out
}

func (k kind) check() (errs []error) {
	for i, e := range k {
		switch {
		case e.info.Class == "":
			errs = append(errs, fmt.Errorf("plugin %d of the kind %s has no class: give it the name by which "+
				"configurations find it", i+1, e.noun))
		case !e.creates:
			errs = append(errs, fmt.Errorf("%s %s has no function New that creates it", e.noun, e.info.Class))
		}
		for _, before := range k[:i] {
			if name, both := sameName(before.info, e.info); both {
				errs = append(errs, fmt.Errorf("the name %s finds two plugins of the kind %s, %s and %s: rename one or "+
					"leave it out", name, e.noun, before.info.Class, e.info.Class))
			}
		}
	}
	return errs
}

// sameName returns a name of b that finds a too.
func sameName(a, b Info) (name string, both bool) {
	for _, name := range b.names() {
		if name != "" && a.Is(name) {
			return name, true
		}
	}
	return "", false
}
