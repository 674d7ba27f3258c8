package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/configfiles"
)

// registries asks the schema registries of the connectors or, without any, those of the
// worker's converters. A registry that several use in the same way is shown once.
func registries(ctx context.Context, e *examination) (out []*finding) {
	of := e.connectors
	if len(of) == 0 {
		c := workersConverters(e)
		if c == nil {
			return nil
		}
		defer func() { _ = c.Close() }() // it was only asked
		of = []*plan.Connector{c}
	}
	var said []string
	for _, c := range of {
		for key, converter := range map[string]connect.Converter{"key.converter": c.Key.Converter,
			"value.converter": c.Value.Converter} {
			checker, is := converter.(connect.ConverterChecker)
			if !is {
				continue
			}
			f := about("%s of %s", key, c.Name)
			found, err := checker.Check(ctx)
			if err != nil {
				f.note(failed, err.Error(), unlessSaid(err, "check schema.registry.url, and that the registry runs"))
			} else {
				f.note(ok, found, "")
			}
			if f.Message != "" && !slices.Contains(said, f.Message) {
				out, said = append(out, f), append(said, f.Message)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *finding) int { return len(a.Subject) - len(b.Subject) })
	return out
}

// bare is a connector that has nothing but the worker's converters.
const bare = "bare"

// workersConverters are those of the worker.
func workersConverters(e *examination) *plan.Connector {
	plugins := e.plugins
	plugins.Sources = append(slices.Clone(plugins.Sources), connect.SourcePlugin{Info: connect.Info{Class: bare,
		Def: config.New()}})
	c, _, _ := plan.Compile(e.worker, plugins, map[string]string{"name": "the worker", configfiles.ClassKey: bare})
	return c // nil when the worker's converters are wrong, which the finding about its file says
}

// destinations asks the connectors' own systems.
func destinations(ctx context.Context, e *examination) (out []*finding) {
	for _, c := range e.connectors {
		var connector any
		if c.NewSource != nil {
			connector = c.NewSource()
		} else {
			connector = c.NewSink()
		}
		checker, is := connector.(connect.Checker)
		if !is {
			continue
		}
		f := about("connector %s", c.Name)
		found, err := checker.Check(ctx, c.Values)
		if found != "" {
			f.note(ok, found, "")
		}
		if err != nil {
			f.note(failed, err.Error(), unlessSaid(err,
				"check that it runs, and that it can be reached from this machine"))
		}
		out = append(out, f)
	}
	return out
}

// unlessSaid is a remedy for an error that has none of its own.
func unlessSaid(err error, remedy string) string {
	for _, says := range []string{"check ", "name the ", "choose ", "make it"} {
		if strings.Contains(err.Error(), says) {
			return ""
		}
	}
	return remedy
}
