package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/internal/logs"
	"github.com/suiro/suiro/streams/app"
	"github.com/suiro/suiro/streams/topology"
)

// The exit codes of a program.
const (
	// ExitOK says that the program ran until it was told to stop.
	ExitOK = 0
	// ExitFailure says that it ran, or tried to, and failed.
	ExitFailure = 1
	// ExitUsage says that the command line or a key is wrong, so that nothing was
	// tried.
	ExitUsage = 2
)

// Main runs the program with the arguments of the process until it ends, or until
// SIGINT or SIGTERM stops it; a second signal ends it at once. It exits with one of
// the exit codes.
func Main(p Program) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(execute(ctx, p, p.Command()))
}

// execute executes the program's command, writes its error and returns the exit code.
func execute(ctx context.Context, p Program, c *cobra.Command) int {
	began := false
	c.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	err := c.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	fmt.Fprintf(c.ErrOrStderr(), "%s: %s\n", p.Name, flags.Printable(err.Error()))
	var usage usageError
	if !began || errors.As(err, &usage) {
		return ExitUsage
	}
	return ExitFailure
}

// usageError is a mistake on the command line or in a key.
type usageError struct{ error }

// Unwrap returns the mistake.
func (e usageError) Unwrap() error { return e.error }

// common are the keys of every app that --help shows, in groups. Those of the program
// come in between.
var common = []struct {
	title string
	keys  []string
}{
	{"Topics", []string{"input.topic", "output.topic", "create.topics", "create.topics.partitions", "replication.factor",
		"auto.offset.reset"}},
	{"Failures", []string{"errors.dead.letter.queue.topic.name", "deserialization.exception.handler",
		"processing.exception.handler", "production.exception.handler"}},
	{"App", []string{"application.id", "processing.guarantee", "commit.interval.ms", "num.stream.threads", "state.dir",
		"memory.max.bytes", "http.listen"}},
	{"Kafka", []string{"bootstrap.servers", "security.protocol", "compression.type", "session.timeout.ms"}},
}

// given are the flags that are no keys.
type given struct {
	file, level, format string
	verbose, all        bool
}

// Command returns the program as a cobra command.
func (p Program) Command() *cobra.Command {
	var g given
	def := p.Def()
	c := &cobra.Command{
		Use: p.Name, Short: p.Short, Version: buildinfo.String(), Args: flags.NoArgs,
		Long: p.Short + "\n\nEvery flag is a configuration key with dashes for dots, and can be written into the file of " +
			"--config too: commit.interval.ms=100. --help-all shows all of them.",
		Example: p.Name + " --bootstrap-servers localhost:9092 --create-topics\n" +
			p.Name + " --config client.properties --http-listen 127.0.0.1:8088",
		RunE: func(c *cobra.Command, _ []string) error { return p.start(c, def, g) },
	}
	p.define(c, def, &g)
	c.AddCommand(topologyCommand(p, def), resetCommand(p, def))
	flags.Install(c)
	return c
}

// define makes the flags of a command that has all keys.
func (p Program) define(c *cobra.Command, def *config.Def, g *given) {
	c.Flags().StringVar(&g.file, "config", "", "Properties `file` with keys, such as passwords; a flag wins over it")
	c.Flags().StringVar(&g.level, "log-level", "info", "How much to log: `level` "+logs.Levels+" (default info)")
	c.Flags().StringVar(&g.format, "log-format", "text", "Log in the `format` "+logs.Formats+" (default text)")
	c.Flags().BoolVar(&g.verbose, "verbose", false, "log at level debug")
	c.Flags().Lookup("verbose").Hidden = true
	c.Flags().BoolVar(&g.all, "help-all", false, "Show all flags")
	p.defineKeys(c, def)
}

// defineFor is define for a command below the program's: its help shows few keys.
func (p Program) defineFor(c *cobra.Command, def *config.Def, g *given, shown ...string) {
	p.define(c, def, g)
	for _, k := range def.Keys() {
		c.Flags().Lookup(flags.Name(k.Name)).Hidden = !slices.Contains(shown, k.Name)
	}
}

// defineKeys makes the flags of all keys. --help shows those of common and of the
// program.
func (p Program) defineKeys(c *cobra.Command, def *config.Def) {
	shown := map[string]bool{}
	for _, k := range def.Keys() {
		flags.Define(c, k)
		c.Flags().Lookup(flags.Name(k.Name)).Hidden = true
	}
	group := func(title string, keys []string) {
		var names []string
		for _, k := range keys {
			name := flags.Name(k)
			names = append(names, name)
			c.Flags().Lookup(name).Hidden, shown[k] = false, true
		}
		flags.Group(c, title, names...)
	}
	group(common[0].title, common[0].keys)
	var own []string
	for _, k := range p.Keys {
		own = append(own, k.Name)
	}
	group("Flags of "+p.Name, own)
	for _, g := range common[1:] {
		group(g.title, g.keys)
	}
	var others []string
	for _, k := range def.Keys() {
		if !shown[k.Name] {
			others = append(others, flags.Name(k.Name))
		}
	}
	flags.Group(c, "Further keys", others...)
}

// helpAll prints the help with all keys. Those of passwords are left out: they go
// into a file.
func helpAll(c *cobra.Command, def *config.Def) error {
	for _, k := range def.Keys() {
		c.Flags().Lookup(flags.Name(k.Name)).Hidden = k.Type == config.Password
	}
	return c.Help()
}

func (p Program) start(c *cobra.Command, def *config.Def, g given) error {
	if g.all {
		return helpAll(c, def)
	}
	m, err := p.make(c, def, g)
	if err != nil {
		return err
	}
	return p.serve(c.Context(), m.app, m.values, m.log)
}

// made is what a command line describes.
type made struct {
	app      *app.App
	topology *topology.Topology
	values   config.Values
	log      *slog.Logger
}

// make makes the app that the command line describes. It asks no broker.
func (p Program) make(c *cobra.Command, def *config.Def, g given) (m made, err error) {
	if g.verbose {
		g.level = "debug"
	}
	if m.log, err = logs.New(c.ErrOrStderr(), g.level, g.format); err != nil {
		return m, usageError{err}
	}
	props, err := properties(c, def, g.file)
	if err != nil {
		return m, usageError{err}
	}
	if err := p.fill(&m, def, props); err != nil {
		return m, usageError{withFlags(err)}
	}
	return m, nil
}

// withFlags adds to an error about keys how those that are missing are given.
func withFlags(err error) error {
	var wrong config.Errors
	if !errors.As(err, &wrong) {
		return err
	}
	var errs []error
	for _, e := range wrong {
		if e.Fault == config.Missing {
			errs = append(errs, fmt.Errorf("%w Give --%s, or write it into the file of --config", e, flags.Name(e.Key)))
			continue
		}
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// properties are the program's properties from the command line and the file. The
// error names everything that is wrong with either.
func properties(c *cobra.Command, def *config.Def, file string) (map[string]string, error) {
	props := map[string]string{}
	var errs []error
	if file != "" {
		var err error
		if props, err = flags.ReadProperties(file); err != nil {
			errs = append(errs, fmt.Errorf("--config %w", err))
		}
		props, _ = app.Translate(props) // before flags win over it
		flags.Milliseconds(def, props)
	}
	for _, k := range def.Keys() {
		if f := c.Flags().Lookup(flags.Name(k.Name)); f.Changed && k.Type == config.Password {
			errs = append(errs, fmt.Errorf("--%s: others on the machine can see a password on the command line: write %s "+
				"into the file of --config", f.Name, k.Name))
		}
	}
	fromFlags, err := flags.Properties(c)
	if err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(append(errs, wrongInFile(c, def, props)...)...)
	}
	for k, v := range fromFlags {
		props[k] = v
	}
	return props, nil
}

// wrongInFile returns what is wrong in a file whose flags are wrong too.
func wrongInFile(c *cobra.Command, def *config.Def, props map[string]string) (out []error) {
	_, mistakes := check(def, props)
	for _, e := range mistakes {
		f := c.Flags().Lookup(flags.Name(e.Key))
		if e.Fault != config.Missing && (f == nil || !f.Changed) {
			out = append(out, e)
		}
	}
	return out
}
