package plan

import (
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
	"github.com/suiro/suiro/connect/plan/internal/keys"
	"github.com/suiro/suiro/connect/plan/internal/lookup"
	"github.com/suiro/suiro/connect/plan/internal/providers"
)

// Validate looks at a connector's properties key by key. It answers for the keys
// of the runtime, of each transform and predicate that the properties name, of
// the plugin, of the clients where the properties override one, and of the
// converters, all under the names that they have in the properties. Then come
// the keys of the properties that are refused because nobody declares them. The
// errors are those of [Compile]; the last result is, too.
func Validate(w *Worker, plugins connect.Plugins, props map[string]string) ([]config.Result, error) {
	compiled, errs, err := Compile(w, plugins, props)
	if err != nil {
		return nil, err
	}
	if compiled != nil {
		_ = compiled.Close() // it was made to find errors, and there are none
	}
	resolved, _ := w.providers.Resolve(props) // errors are found by Compile
	v := &validation{worker: w, plugins: plugins, props: resolved.Props}
	info := v.runtime()
	v.steps()
	v.plugin(info)
	v.clients()
	v.converters()
	v.showAsWritten(resolved)
	return config.Attach(v.results, errs), nil
}

// FindPlugin finds the plugin of any kind that a class names, and its keys, for a
// connector together with those of the runtime.
func FindPlugin(plugins connect.Plugins, class string) (info connect.Info, keys []config.Key, ok bool) {
	kinds := []lookup.Kind[connect.Info]{lookup.Connectors(plugins), lookup.Infos(lookup.Transformations(plugins)),
		lookup.Infos(lookup.Predicates(plugins)), lookup.Infos(lookup.Converters(plugins)),
		lookup.Infos(lookup.HeaderConverters(plugins))}
	for _, k := range kinds {
		info, _, found := k.Find(class)
		if !found {
			continue
		}
		if info.Def != nil {
			keys = info.Def.Keys()
		}
		if of, err := TypeOf(plugins, map[string]string{keyClass: class}); err == nil {
			keys = append(keys, runtimeKeys(of, info.Def)...)
		}
		return info, keys, true
	}
	return connect.Info{}, nil, false
}

// runtimeKeys are the keys that the runtime adds to those of def, which may be
// nil.
func runtimeKeys(of Type, def *config.Def) []config.Key {
	return slices.DeleteFunc(ConnectorDef(of).Keys(), func(k config.Key) bool {
		if def == nil {
			return false
		}
		_, own := def.Key(k.Name)
		return own
	})
}

// keyClass names a connector's class.
const keyClass = "connector.class"

// validation collects the answers for the keys of a connector whose class is
// known.
type validation struct {
	worker  *Worker
	plugins connect.Plugins
	props   map[string]string
	results []config.Result
}

// showAsWritten puts references in the place of what they stand for, in values and
// errors.
func (v *validation) showAsWritten(resolved *providers.Resolved) {
	for i := range v.results {
		r := &v.results[i]
		r.Errors = v.worker.resolved.Hide(resolved.Hide(r.Errors))
		raw, ok := resolved.Raw(r.Key.Name)
		if !ok {
			raw, ok = v.worker.resolved.Raw(r.Key.Name)
		}
		if ok && r.Value != nil && r.Key.Type != config.Password {
			r.Value = &raw
		}
	}
}

// add answers for the keys of def, whose names in the properties have a prefix
// that own does not have.
func (v *validation) add(def *config.Def, prefix string, own map[string]string) {
	if def == nil {
		return
	}
	for _, r := range def.Validate(own) {
		if r.Key.DisplayName == r.Key.Name {
			r.Key.DisplayName = prefix + r.Key.Name
		}
		r.Key.Name = prefix + r.Key.Name
		r.Errors = below.Errors(prefix, r.Errors.OrNil())
		v.results = append(v.results, r)
	}
}

// recommend offers values for a key.
func (v *validation) recommend(name string, values []string) {
	for i := range v.results {
		if v.results[i].Key.Name == name {
			v.results[i].Recommended = values
		}
	}
}

// runtime answers for the keys that every connector of the type has. A converter
// that is not named is the worker's.
func (v *validation) runtime() connect.Info {
	info, _, _ := lookup.Connectors(v.plugins).Find(strings.TrimSpace(v.props[keyClass]))
	kind, _ := TypeOf(v.plugins, v.props)
	v.add(ConnectorDef(kind), "", v.props)
	for i := range v.results {
		r := &v.results[i]
		if !strings.HasSuffix(r.Key.Name, ".converter") || r.Value != nil {
			continue
		}
		class := v.worker.values.String(r.Key.Name)
		r.Key.Default, r.Value = class, &class
	}
	v.recommend("key.converter", lookup.Converters(v.plugins).Classes())
	v.recommend("value.converter", lookup.Converters(v.plugins).Classes())
	v.recommend("header.converter", lookup.HeaderConverters(v.plugins).Classes())
	return info
}

// steps answers for the keys of the transforms and predicates that are named.
func (v *validation) steps() {
	aliases := func(key string) []string {
		text, _ := ConnectorDef(Source).Parse(v.props) // errors are found by Compile
		list := text.List(key)
		return list[:min(len(list), maxAliases)]
	}
	for _, alias := range aliases("transforms") {
		v.step("transforms", "Transforms", alias, lookup.Infos(lookup.Transformations(v.plugins)))
		v.recommend("transforms."+alias+".predicate", aliases("predicates"))
	}
	for _, alias := range aliases("predicates") {
		v.step("predicates", "Predicates", alias, lookup.Infos(lookup.Predicates(v.plugins)))
	}
}

func (v *validation) step(list, group, alias string, of lookup.Kind[connect.Info]) {
	prefix, group := list+"."+alias+".", group+": "+alias
	own := below.Props(v.props, prefix)
	v.add(config.New(keys.Step(list, group)...), prefix, own)
	v.recommend(prefix+"type", of.Classes())
	if info, _, ok := of.Find(strings.TrimSpace(own["type"])); ok {
		first := len(v.results)
		v.add(info.Def, prefix, own)
		for i := range v.results[first:] {
			v.results[first+i].Key.Group = group
		}
	}
}

// plugin answers for the keys of the connector's class. One that the runtime
// declares as well is the runtime's.
func (v *validation) plugin(info connect.Info) {
	if info.Def == nil {
		return
	}
	before := len(v.results)
	v.add(info.Def, "", v.props)
	isTwice := func(r config.Result) bool {
		return slices.ContainsFunc(v.results[:before], func(o config.Result) bool { return o.Key.Name == r.Key.Name })
	}
	v.results = append(v.results[:before:before], slices.DeleteFunc(v.results[before:], isTwice)...)
}

// clients answers for the keys of clients that the properties override.
func (v *validation) clients() {
	for _, r := range roles {
		own := below.Props(v.props, r.override)
		for _, result := range r.Def().Validate(own) {
			if _, given := own[result.Key.Name]; !given {
				continue
			}
			result.Key.Name = r.override + result.Key.Name
			result.Key.DisplayName = result.Key.Name
			result.Errors = below.Errors(r.override, result.Errors.OrNil())
			v.results = append(v.results, result)
		}
	}
}

// converters answers for the keys of the converters, the worker's included.
func (v *validation) converters() {
	c := parts{worker: v.worker, props: v.props}
	for _, key := range []string{"header.converter", "key.converter", "value.converter"} {
		of := lookup.Infos(lookup.Converters(v.plugins))
		if key == "header.converter" {
			of = lookup.Infos(lookup.HeaderConverters(v.plugins))
		}
		class, own := c.converterProps(key)
		if info, _, ok := of.Find(class); ok {
			v.add(info.Def, key+".", own)
		}
	}
}
