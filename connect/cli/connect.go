package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/cli/internal/doctor"
	"github.com/suiro/suiro/connect/cli/internal/lint"
	"github.com/suiro/suiro/connect/cli/internal/schema"
	"github.com/suiro/suiro/connect/cli/internal/trial"
	"github.com/suiro/suiro/connect/cli/internal/validate"
	"github.com/suiro/suiro/internal/flags"
)

// connectFlags are the flags of suiro connect that are not about logs.
type connectFlags struct {
	config  string
	check   bool
	verbose bool
}

func newConnectCommand(plugins connect.Plugins) *cobra.Command {
	var f connectFlags
	c := &cobra.Command{
		Use:     "connect --config worker.properties [connector.json...]",
		Short:   "Run connectors in a standalone or distributed worker, or check their files",
		GroupID: groupConnect,
		SuggestFor: []string{"run", "start", "worker", "standalone", "connect-standalone", "distributed",
			"connect-distributed", "check"},
		Long: `Run connectors, until SIGINT or SIGTERM.

With connector files the worker is standalone: it runs these connectors, alone. Without them, and with group.id ` +
			`and config.storage.topic in the worker's file, it is distributed: it shares the connectors of Kafka's topics ` +
			`with all workers of its group, Kafka's own workers included, and gets new ones over the REST API.

The worker's configuration is a properties file with Kafka Connect's keys. Without --config it is ` +
			`the first file, as for Kafka's connect-standalone.sh. A connector's configuration is JSON, ` +
			`{"name": ..., "config": {...}} with or without an initial_state, the answer of ` +
			`GET /connectors/NAME, a flat object with a name, the same as YAML, or a properties file.

The REST API answers at the worker's listeners, http://127.0.0.1:8083 by default, with the paths of ` +
			`Kafka Connect and with /health, /ready and /metrics.`,
		Example: `
suiro connect --config worker.properties source.json sink.json
suiro connect --config distributed.properties
suiro connect --check --config worker.properties source.json sink.json
suiro connect --log-format json --config worker.properties *.json`,
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, plugins, args) },
	}
	c.Flags().StringVar(&f.config, "config", "", "The worker's properties `file`")
	c.Flags().BoolVar(&f.check, "check", false,
		"Run and connect to nothing: tell what is wrong with the files, what has no effect, and what would run")
	c.Flags().BoolVar(&f.verbose, "verbose", false, "With --check, show the value of every key")
	c.AddCommand(trial.NewDryRun(plugins), trial.NewTest(plugins), validate.New(plugins), lint.New(plugins),
		doctor.New(plugins), schema.New(plugins))
	flags.DefineLog(c)
	flags.Elsewhere(c, "bootstrap-servers", "the worker's properties file names the brokers, bootstrap.servers=host:port")
	return c
}

// execute runs or checks what the files say.
func (f *connectFlags) execute(c *cobra.Command, plugins connect.Plugins, args []string) error {
	if _, err := flags.Properties(c); err != nil {
		return command.Usage(err)
	}
	if f.config == "" && len(args) > 0 {
		f.config, args = args[0], args[1:]
	}
	switch {
	case f.config == "":
		return command.Usage(errors.New("--config is needed: the worker's properties file"))
	case f.verbose && !f.check:
		return command.Usage(errors.New("--verbose has no effect without --check; to log more, use --log-level debug"))
	}
	s := process{check.Read(plugins, f.config, args), plugins}
	if f.check {
		return s.Print(c.OutOrStdout(), f.verbose)
	}
	if err := s.Err(); err != nil {
		return err
	}
	if len(args) == 0 && len(s.Worker.Listeners) == 0 && s.Worker.Distributed == nil {
		return command.Usage(fmt.Errorf("no connectors: name their files, %s connect --config %s connector.json..., or set "+
			"listeners, so that the REST API makes some", c.Root().Name(), f.config))
	}
	logger, err := flags.Logger(c)
	if err != nil {
		return command.Usage(err)
	}
	err = s.run(c.Context(), logger)
	if _, json := logger.Handler().(*slog.JSONHandler); json && err != nil {
		logger.Error("worker failed", "error", err) // whoever reads JSON lines reads no other
		return loggedError{err}
	}
	return err
}
