package main

import (
	"reflect"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
)

// module is the path of this module.
const module = "github.com/suiro/suiro/"

// entry is a plugin as the pages show it: classes that differ only in what they work on, such as
// InsertField$Key and InsertField$Value, are one.
type entry struct {
	name    string // without the Java package
	about   string
	classes []string
	aliases []string
	keys    []config.Key
	page    string // relative to docs/reference, with the anchor
}

// entries joins the plugins of a kind whose class differs only behind a dollar sign.
func entries[P any](list []P, info func(P) connect.Info) (out []*entry) {
	for _, p := range list {
		i := info(p)
		name, _, _ := strings.Cut(i.Class[strings.LastIndexByte(i.Class, '.')+1:], "$")
		at := slices.IndexFunc(out, func(e *entry) bool { return e.name == name })
		if at < 0 {
			at, out = len(out), append(out, &entry{name: name, about: i.Doc, aliases: i.Aliases})
			if i.Def != nil {
				out[at].keys = i.Def.Keys()
			}
		}
		out[at].classes = append(out[at].classes, i.Class)
		if len(out[at].classes) == 2 {
			out[at].about = strings.ReplaceAll(out[at].about, "keys", "keys or values")
			out[at].about = strings.ReplaceAll(out[at].about, "a key ", "a key or value ")
		}
	}
	slices.SortFunc(out, func(a, b *entry) int { return strings.Compare(a.name, b.name) })
	return out
}

// catalog is all the plugins.
type catalog struct {
	sources, sinks, converters, headerConverters, transforms, predicates []*entry
}

func newCatalog(p connect.Plugins) catalog {
	c := catalog{
		sources:          entries(p.Sources, func(p connect.SourcePlugin) connect.Info { return p.Info }),
		sinks:            entries(p.Sinks, func(p connect.SinkPlugin) connect.Info { return p.Info }),
		converters:       entries(p.Converters, func(p connect.ConverterPlugin) connect.Info { return p.Info }),
		headerConverters: entries(p.HeaderConverters, func(p connect.HeaderConverterPlugin) connect.Info { return p.Info }),
		transforms:       entries(p.Transforms, func(p connect.TransformPlugin) connect.Info { return p.Info }),
		predicates:       entries(p.Predicates, func(p connect.PredicatePlugin) connect.Info { return p.Info }),
	}
	for _, e := range slices.Concat(c.sources, c.sinks) {
		e.page = "connectors/" + e.name + ".md"
	}
	for name, list := range map[string][]*entry{"converters": c.converters, "transforms": c.transforms,
		"predicates": c.predicates, "header-converters": c.headerConverters} {
		for _, e := range list {
			e.page = name + ".md#" + anchor(e.name)
		}
	}
	return c
}

// sourcePage and sinkPage are the pages of one connector each.
func sourcePage(e *entry, p connect.SourcePlugin) *page {
	out := connectorPage(e, "source", p.New())
	writeOwnMetrics(out, p.Metrics)
	return out
}

func sinkPage(e *entry, p connect.SinkPlugin) *page {
	out := connectorPage(e, "sink", p.New())
	writeOwnMetrics(out, p.Metrics)
	return out
}

func connectorPage(e *entry, kind string, connector any) *page {
	p := newPage(e.page, e.name, e.about)
	p.say("%s", e.about)
	names(p, e, "`connector.class` is")
	folder := strings.TrimPrefix(reflect.TypeOf(connector).Elem().PkgPath(), module)
	p.say("[%s](../../../%s/README.md) says what this %s promises and shows configurations of it. The keys that every "+
		"connector has in addition to the ones below are in [Connectors](../connectors.md).", folder, folder, kind)
	if len(e.keys) > 0 && e.keys[0].Group == "" {
		p.heading(2, "Keys")
	}
	writeKeys(p, 2, "", e.keys)
	return p
}

// names says what finds the plugin.
func names(p *page, e *entry, verb string) {
	classes := choice(slices.Clone(e.classes))
	var short []string
	for _, class := range e.classes {
		if s := class[strings.LastIndexByte(class, '.')+1:]; s != class {
			short = append(short, s)
		}
	}
	switch {
	case len(e.aliases) > 0:
		p.say("%s %s. The Java class names work too: %s.", verb, classes, choice(slices.Clone(e.aliases)))
	case len(short) > 0:
		p.say("%s %s; %s is enough.", verb, classes, choice(short))
	default:
		p.say("%s %s.", verb, classes)
	}
}

// kindPage is the page of all the plugins of a kind. prefix is written before their keys;
// examples are those of some of them.
func kindPage(path, title, about, prefix, verb string, list []*entry, examples map[string]example) *page {
	p := newPage(path, title, about)
	p.say("%s", about)
	for _, e := range list {
		p.item("[%s](#%s): %s", e.name, anchor(e.name), e.about)
	}
	p.end()
	for _, e := range list {
		p.heading(2, e.name)
		p.say("%s", e.about)
		names(p, e, verb)
		if shown, ok := examples[folderOf(e.name)]; ok {
			writeExample(p, e.name, shown)
		}
		if len(e.keys) == 0 {
			p.say("It has no keys.")
		}
		writeKeys(p, 2, prefix, e.keys)
	}
	return p
}
