package standalone

import (
	"cmp"
	"context"
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/connect/worker"
)

// catalog answers what the worker could run.
type catalog struct {
	worker *worker.Worker
}

// Check returns everything that is wrong with a connector's configuration, in
// one error that is [herder.ErrInvalid].
func (c *catalog) Check(config map[string]string) error {
	compiled, err := c.compile(config)
	if err != nil {
		return err
	}
	return compiled.Close()
}

// compile returns a plan that the caller starts or closes.
func (c *catalog) compile(config map[string]string) (*plan.Connector, error) {
	compiled, errs, err := c.worker.Compile(config)
	switch {
	case err != nil:
		return nil, herder.Errorf(herder.ErrInvalid, "%v", err)
	case len(errs) > 0:
		return nil, &herder.InvalidConfigError{Errors: errs}
	}
	return compiled, nil
}

// Plugins implements [herder.Plugins].
func (c *catalog) Plugins(_ context.Context, connectorsOnly bool) ([]api.PluginInfo, error) {
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
		out = append(out, api.PluginInfo{Class: info(p).Class, Type: kind, Version: info(p).Version})
	}
	slices.SortFunc(out, func(a, b api.PluginInfo) int { return cmp.Compare(a.Class, b.Class) })
	return out
}
