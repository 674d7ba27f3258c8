package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/httpserve"
	"github.com/suiro/suiro/streams"
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
	// Handler answers further paths of --http-listen. Default: there are none.
	Handler func(app *streams.App, v config.Values) http.Handler
}

// flags are the keys of every stream app that have a flag.
var flags = []string{
	"bootstrap.servers", "application.id", "processing.guarantee", "state.dir", "num.stream.threads",
	"replication.factor", "auto.offset.reset", "commit.interval.ms", "errors.dead.letter.queue.topic.name",
	"compression.type", "session.timeout.ms", "create.topics", "create.topics.partitions",
}

// Def returns all the program's keys: those of package streams, the topics,
// the HTTP address and its own.
func (p Program) Def() *config.Def {
	keys := streams.Config().Keys()
	for i := range keys {
		if keys[i].Name == "application.id" {
			keys[i].Required, keys[i].Default = false, p.Name
		}
	}
	keys = append(keys,
		config.Key{Name: "input.topic", Type: config.String, Required: true, Valid: config.NonEmpty(), Doc: "Topic to read."},
		config.Key{Name: "output.topic", Type: config.String, Default: "", Doc: "Topic to write."},
		config.Key{Name: "http.listen", Type: config.String, Default: "", Importance: config.Low,
			Doc: "Address for health, metrics and queries over HTTP, host:port; empty serves none."},
	)
	keys = append(keys, p.Keys...)
	for i := range keys {
		if d, ok := p.Defaults[keys[i].Name]; ok {
			keys[i].Required, keys[i].Default = false, d
		}
	}
	return config.New(keys...)
}

// properties are the program's properties from the command line and the file.
func properties(c *cobra.Command, def *config.Def, file string) (map[string]string, error) {
	props := map[string]string{}
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read --config: %w", err)
		}
		defer f.Close()
		if props, err = config.ReadProperties(f); err != nil {
			return nil, fmt.Errorf("read --config %s: %w", file, err)
		}
	}
	for _, k := range def.Keys() {
		if f := c.Flags().Lookup(flagName(k.Name)); f != nil && f.Changed {
			props[k.Name] = f.Value.String()
		}
	}
	return props, nil
}

func flagName(key string) string { return strings.ReplaceAll(key, ".", "-") }

// Command returns the program as a cobra command.
func (p Program) Command() *cobra.Command {
	var file string
	var verbose bool
	def := p.Def()
	c := &cobra.Command{
		Use: p.Name, Short: p.Short, Version: buildinfo.String(), Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(c *cobra.Command, _ []string) error {
			props, err := properties(c, def, file)
			if err != nil {
				return err
			}
			level := slog.LevelInfo
			if verbose {
				level = slog.LevelDebug
			}
			log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
			return p.run(c.Context(), def, props, log)
		},
	}
	c.Flags().StringVar(&file, "config", "", "properties file with further keys, such as those of security")
	c.Flags().BoolVar(&verbose, "verbose", false, "log at debug level")
	own := map[string]bool{"input.topic": true, "output.topic": true, "http.listen": true}
	for _, k := range p.Keys {
		own[k.Name] = true
	}
	for _, k := range def.Keys() {
		if own[k.Name] || slices.Contains(flags, k.Name) {
			c.Flags().Var(&flagValue{kind: k.Type}, flagName(k.Name), usage(k))
			if k.Type == config.Boolean {
				c.Flags().Lookup(flagName(k.Name)).NoOptDefVal = "true"
			}
		}
	}
	return c
}

// flagValue is the text of a flag. The definition of the key parses it; the type is
// for the help.
type flagValue struct {
	text string
	kind config.Type
}

// String implements pflag.Value.
func (f *flagValue) String() string { return f.text }

// Set implements pflag.Value.
func (f *flagValue) Set(text string) error {
	f.text = text
	return nil
}

// Type implements pflag.Value: it is what the help shows after the flag.
func (f *flagValue) Type() string {
	switch f.kind {
	case config.Boolean:
		return "bool"
	case config.Int, config.Short, config.Long:
		return "int"
	case config.Double:
		return "float"
	case config.List:
		return "list"
	}
	return "string"
}

// usage is the first sentence of a key's doc, and its default.
func usage(k config.Key) string {
	u, _, _ := strings.Cut(strings.TrimSuffix(k.Doc, "."), ". ")
	if text, ok := k.DefaultText(); ok && text != "" {
		u += " (default " + text + ")"
	}
	return u
}

// Run runs the program until ctx is done or it fails.
func (p Program) Run(ctx context.Context, props map[string]string, log *slog.Logger) error {
	return p.run(ctx, p.Def(), props, log)
}

func (p Program) run(ctx context.Context, def *config.Def, props map[string]string, log *slog.Logger) error {
	app, values, err := p.newApp(def, props, log)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	if addr := values.String("http.listen"); addr != "" {
		server, err := httpserve.Open("http.listen", addr)
		if err != nil {
			return err
		}
		log.Info("serve http", "address", server.Addr())
		group.Go(func() error { return server.Run(ctx, p.pages(app, values)) })
	}
	group.Go(func() error { return app.Run(ctx) })
	return group.Wait()
}

// New makes the app of the program, for running it inside another program. An
// error about properties is a [config.Errors] of every key that is wrong, unknown
// keys included.
func (p Program) New(props map[string]string, log *slog.Logger) (*streams.App, config.Values, error) {
	return p.newApp(p.Def(), props, log)
}

func (p Program) newApp(
	def *config.Def, props map[string]string, log *slog.Logger,
) (*streams.App, config.Values, error) {
	values, err := def.Parse(props)
	var errs config.Errors
	errors.As(err, &errs)
	for _, e := range def.UnknownErrors(props) {
		if _, ok := streams.Ignored(e.Key); !ok {
			errs = append(errs, e)
		}
	}
	if len(errs) > 0 {
		return nil, values, errs
	}
	topo, err := p.Build(values)
	if err != nil {
		return nil, values, err
	}
	app, err := streams.New(topo, ofTheApp(p.withDefaults(props)), &streams.Options{Logger: log})
	return app, values, err
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
	for _, name := range streams.Config().Unknown(props) {
		if _, ok := streams.Ignored(name); !ok {
			delete(out, name)
		}
	}
	return out
}

func (p Program) pages(app *streams.App, v config.Values) http.Handler {
	if p.Handler == nil {
		return app.Handler()
	}
	mux := http.NewServeMux()
	mux.Handle("/", p.Handler(app, v))
	for _, path := range []string{"/metrics", "/health", "/ready", "/topology"} {
		mux.Handle(path, app.Handler())
	}
	return mux
}

// Main runs the program with the arguments of the process until it ends, or until
// SIGINT or SIGTERM stops it. It exits with 0, or with 1 after an error.
func Main(p Program) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := p.Command().ExecuteContext(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
		stop()
		os.Exit(1)
	}
}
