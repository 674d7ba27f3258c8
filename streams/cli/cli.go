package cli

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/httpserve"
	"github.com/suiro/suiro/internal/memory"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/handlers"
	"github.com/suiro/suiro/streams/topology"
)

// Program describes a stream app that becomes a command.
type Program struct {
	// Name is the name of the command, and the default of application.id.
	Name string
	// Short is a sentence for the help.
	Short string
	// Keys are the program's own keys. Each becomes a flag. Default: none.
	Keys []config.Key
	// Defaults replaces the defaults of common keys, such as input.topic. Default:
	// none.
	Defaults map[string]string
	// Build makes the topology. It gets the values of all keys.
	Build func(v config.Values) (*topology.Topology, error)
	// Handlers decide what becomes of records that fail. Default: keys do, such as
	// processing.exception.handler.
	Handlers handlers.Handlers
	// Handler answers further paths of --http-listen. Default: there are none.
	Handler func(app *app.App, v config.Values) http.Handler
}

// Def returns all the program's keys: those of package streams, the topics,
// the HTTP address and its own.
func (p Program) Def() *config.Def {
	keys := app.Config().Keys()
	for i := range keys {
		if keys[i].Name == "application.id" {
			keys[i].Required, keys[i].Default = false, p.Name
		}
	}
	keys = append(keys,
		config.Key{Name: "input.topic", Type: config.String, Required: true, Valid: config.NonEmpty(), Doc: "Topic to read."},
		config.Key{Name: "output.topic", Type: config.String, Default: "", Doc: "Topic to write."},
		config.Key{Name: "http.listen", Type: config.String, Default: "", Importance: config.Low,
			Doc: "Address for /health, /ready, /metrics and queries over HTTP, host:port; empty serves none."},
		config.Key{Name: "http.allowed.hosts", Type: config.List, Default: "", Importance: config.Low,
			Doc: "Host names under which http.listen is reached, besides IP addresses, localhost and its own name; * is " +
				"every name. A request for another host is answered with 403, as a page of another site may have made " +
				"its own name point at this app."},
	)
	keys = append(keys, p.Keys...)
	for i := range keys {
		if d, ok := p.Defaults[keys[i].Name]; ok {
			keys[i].Required, keys[i].Default = false, d
		}
	}
	return config.New(keys...)
}

// Run runs the program until ctx is done or it fails.
func (p Program) Run(ctx context.Context, props map[string]string, log *slog.Logger) error {
	app, values, err := p.New(props, log)
	if err != nil {
		return err
	}
	return p.serve(ctx, app, values, log)
}

// serve runs the app and its pages.
func (p Program) serve(ctx context.Context, app *app.App, values config.Values, log *slog.Logger) error {
	budget := memory.Limit(values.Long(memory.MaxBytes))
	budget.LimitRuntime()
	defer memory.LetHeapGrow(budget.Of(memory.Heap))()
	group, ctx := errgroup.WithContext(ctx)
	if addr := values.String("http.listen"); addr != "" {
		server, err := httpserve.Open("http.listen", addr, &httpserve.Options{Logger: log,
			AllowedHosts: values.List("http.allowed.hosts"), AllowedHostsKey: "http.allowed.hosts"})
		if err != nil {
			return err
		}
		log.Info("http listens", "address", "http://"+server.Addr())
		group.Go(func() error { return server.Run(ctx, p.pages(app, values)) })
	}
	group.Go(func() error { return app.Run(ctx) })
	return group.Wait()
}

// New makes the app of the program, for running it inside another program. An
// error about properties is a [config.Errors] of every key that is wrong, unknown
// keys included.
func (p Program) New(props map[string]string, log *slog.Logger) (*app.App, config.Values, error) {
	m := made{log: log}
	err := p.fill(&m, p.Def(), props)
	return m.app, m.values, err
}

// fill adds to what was made, which has a logger, what the properties describe.
func (p Program) fill(m *made, def *config.Def, props map[string]string) (err error) {
	props, _ = app.Translate(props)
	var errs config.Errors
	if m.values, errs = check(def, props); len(errs) > 0 {
		return errs
	}
	if m.topology, err = p.Build(m.values); err != nil {
		return err
	}
	m.app, err = app.New(m.topology, ofTheApp(p.withDefaults(props)), &app.Options{Logger: m.log, Handlers: p.Handlers})
	return err
}

// check parses properties. The errors are those of all keys that are wrong, those that
// nobody knows included.
func check(def *config.Def, props map[string]string) (config.Values, config.Errors) {
	props, errs := app.Translate(props)
	values, err := def.Parse(props)
	var wrong config.Errors
	errors.As(err, &wrong)
	errs = append(errs, wrong...)
	for _, e := range def.UnknownErrors(props) {
		if _, ok := app.Ignored(e.Key); !ok {
			errs = append(errs, e)
		}
	}
	return values, errs
}

// withDefaults adds the program's defaults, which package streams does not
// know.
func (p Program) withDefaults(props map[string]string) map[string]string {
	all := map[string]string{"application.id": p.Name}
	maps.Copy(all, p.Defaults)
	maps.Copy(all, props)
	return all
}

// ofTheApp returns the properties without the program's own.
func ofTheApp(props map[string]string) map[string]string {
	out := maps.Clone(props)
	for _, name := range app.Config().Unknown(props) {
		if _, ok := app.Ignored(name); !ok {
			delete(out, name)
		}
	}
	return out
}

// pages are what the app answers over HTTP.
func (p Program) pages(app *app.App, v config.Values) http.Handler {
	const scrapes = 4 // at a time, as each collects all series
	own := app.Handler()
	mux := http.NewServeMux()
	mux.Handle("/metrics", httpserve.Few(scrapes, own))
	for _, path := range []string{"/health", "/ready", "/topology"} {
		mux.Handle(path, own)
	}
	further := own
	if p.Handler != nil {
		further = p.Handler(app, v)
	}
	mux.Handle("/", further)
	return mux
}
