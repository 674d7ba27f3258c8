// Package catalog answers what a worker could run, for every herder.
package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// Catalog answers what a worker could run. It is safe for concurrent use.
type Catalog struct {
	worker *worker.Worker
	cfg    *plan.Worker
}

// New returns the catalog of a worker, which need not be started.
func New(w *worker.Worker, cfg *plan.Worker) *Catalog { return &Catalog{w, cfg} }

// Check returns everything that is wrong with a connector's configuration, in
// one error that is [herder.ErrInvalid].
func (c *Catalog) Check(config map[string]string) error {
	compiled, err := c.Compile(config)
	if err != nil {
		return err
	}
	return compiled.Close()
}

// Compile returns a plan that the caller starts or closes. The error is
// [herder.ErrInvalid].
func (c *Catalog) Compile(config map[string]string) (*plan.Connector, error) {
	compiled, errs, err := c.worker.Compile(config)
	switch {
	case err != nil:
		return nil, herder.Errorf(herder.ErrInvalid, "%v", err)
	case len(errs) > 0:
		return nil, &herder.InvalidConfigError{Errors: errs, Class: config["connector.class"]}
	}
	return compiled, nil
}

// Plugins implements [herder.Plugins].
func (c *Catalog) Plugins(_ context.Context, connectorsOnly bool) ([]api.PluginInfo, error) {
	p := c.worker.Plugins()
	out := list("sink", p.Sinks, func(p connect.SinkPlugin) connect.Info { return p.Info })
	out = append(out, list("source", p.Sources, func(p connect.SourcePlugin) connect.Info { return p.Info })...)
	if connectorsOnly {
		return out, nil
	}
	out = append(out, list("converter", p.Converters, func(p connect.ConverterPlugin) connect.Info { return p.Info })...)
	out = append(out, list("header_converter", p.HeaderConverters,
		func(p connect.HeaderConverterPlugin) connect.Info { return p.Info })...)
	out = append(out, list("predicate", p.Predicates, func(p connect.PredicatePlugin) connect.Info { return p.Info })...)
	return append(out, list("transformation", p.Transforms,
		func(p connect.TransformPlugin) connect.Info { return p.Info })...), nil
}

func list[P any](kind string, plugins []P, info func(P) connect.Info) []api.PluginInfo {
	out := []api.PluginInfo{}
	for _, p := range plugins {
		out = append(out, api.PluginInfo{Class: shownClass(info(p)), Type: kind, Version: info(p).Version})
	}
	slices.SortFunc(out, func(a, b api.PluginInfo) int { return cmp.Compare(a.Class, b.Class) })
	return out
}

// shownClass is the class by which clients know a plugin: that of Kafka itself, if it has
// one.
func shownClass(info connect.Info) string {
	for _, alias := range info.Aliases {
		if strings.HasPrefix(alias, "org.apache.kafka.") {
			return alias
		}
	}
	return info.Class
}

// PluginConfig implements [herder.Plugins].
func (c *Catalog) PluginConfig(_ context.Context, class, version string) ([]api.ConfigKeyInfo, error) {
	info, keys, ok := plan.FindPlugin(c.worker.Plugins(), class)
	switch {
	case !ok:
		return nil, herder.Errorf(herder.ErrNotFound, "Unknown plugin %s.", class)
	case version != "":
		if err := checkVersion(info, version); err != nil {
			return nil, err
		}
	}
	out := []api.ConfigKeyInfo{}
	for _, k := range keys {
		out = append(out, keyInfo(k))
	}
	return out, nil
}

// checkVersion refuses versions of which a plugin has none.
func checkVersion(info connect.Info, version string) error {
	if version == "latest" {
		return nil
	}
	all, ok := readVersions(version)
	switch {
	case !ok:
		return herder.Errorf(herder.ErrInvalid, "Invalid version specification: %s", version)
	case !all.has(info.Version):
		return herder.Errorf(herder.ErrInvalid,
			"Plugin %s not found that matches the version range %s, available versions: [%s]",
			shownClass(info), all, info.Version)
	}
	return nil
}

// Validate implements [herder.Plugins].
func (c *Catalog) Validate(_ context.Context, config map[string]string) (api.ConfigInfos, error) {
	results, err := plan.Validate(c.cfg, c.worker.Plugins(), config)
	if err != nil {
		return api.ConfigInfos{}, herder.Errorf(herder.ErrInvalid, "%v", err)
	}
	out := api.ConfigInfos{Name: config["connector.class"], Groups: []string{}, Configs: []api.ConfigInfo{}}
	for _, r := range results {
		out.ErrorCount += len(r.Errors)
		if group := r.Key.Group; group != "" && !slices.Contains(out.Groups, group) {
			out.Groups = append(out.Groups, group)
		}
		out.Configs = append(out.Configs, configInfo(r))
	}
	return out, nil
}

// configInfo is a result as the API shows it.
func configInfo(r config.Result) api.ConfigInfo {
	value := api.ConfigValueInfo{Name: r.Key.Name, Value: r.Value, Visible: true,
		RecommendedValues: append([]string{}, r.Recommended...), Errors: []string{}}
	for _, e := range r.Errors {
		value.Errors = append(value.Errors, e.Error())
	}
	if r.Key.DisplayName == "" {
		return api.ConfigInfo{Value: value} // nobody declares it
	}
	definition := keyInfo(r.Key)
	return api.ConfigInfo{Definition: &definition, Value: value}
}

// keyInfo is a key as the API shows it.
func keyInfo(k config.Key) api.ConfigKeyInfo {
	out := api.ConfigKeyInfo{Name: k.Name, Type: k.Type.String(), Required: k.Required,
		Importance: k.Importance.String(), Documentation: k.Doc, OrderInGroup: k.OrderInGroup, Width: k.Width,
		DisplayName: k.DisplayName, Dependents: []string{}}
	if text, ok := k.DefaultText(); ok {
		out.DefaultValue = &text
	}
	if k.Group != "" {
		out.Group = &k.Group
	}
	return out
}
