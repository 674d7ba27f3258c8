package cli

import (
	"cmp"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/cli/internal/mirrormaker"
	"github.com/suiro/suiro/internal/flags"
)

// mirrorFlags are the flags of suiro mirror that are not about logs.
type mirrorFlags struct {
	check    bool
	clusters []string
}

func newMirrorCommand(plugins connect.Plugins) *cobra.Command {
	var f mirrorFlags
	c := &cobra.Command{
		Use:        "mirror mm2.properties",
		Short:      "Mirror topics between Kafka clusters, by a properties file of MirrorMaker 2",
		GroupID:    groupConnect,
		SuggestFor: []string{"mirrormaker", "mirror-maker", "mm2", "connect-mirror-maker", "replicate"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name the properties file, and no more: mirror mm2.properties")
			}
			return nil
		},
		Long: `Mirror topics between Kafka clusters, until SIGINT or SIGTERM.

The file is one of Kafka's connect-mirror-maker.sh: clusters names clusters, CLUSTER.bootstrap.servers where they are, ` +
			`and A->B.enabled=true has topics of A mirrored to B. For each flow there are, as there, a worker on B in the group ` +
			`A-mm2, with topics such as mm2-offsets.A.internal on B, and the connectors MirrorSourceConnector, ` +
			`MirrorHeartbeatConnector and MirrorCheckpointConnector. It goes on where MirrorMaker 2 has stopped, and the other ` +
			`way round.

Start it more than once to share the work, with dedicated.mode.enable.internal.rest=true and listeners that the ` +
			`other processes reach. At listeners, http://127.0.0.1:8083 by default, there are /health, /ready and /metrics, and ` +
			`for each flow what GET answers in Kafka Connect's REST API, below /A/B.`,
		Example: `
suiro mirror mm2.properties
suiro mirror --check mm2.properties
suiro mirror --clusters west mm2.properties`,
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, plugins, args[0]) },
	}
	c.Flags().BoolVar(&f.check, "check", false,
		"Run and connect to nothing: tell what is wrong with the file, what has no effect, and which connectors would run")
	c.Flags().StringSliceVar(&f.clusters, "clusters", nil,
		"The `clusters` that this process mirrors to, with commas between; all by default. Choose those that are near")
	flags.DefineLog(c)
	flags.Elsewhere(c, "bootstrap-servers",
		"the file names the brokers of each cluster, CLUSTER.bootstrap.servers=host:port")
	flags.Elsewhere(c, "config", "the file is the argument")
	return c
}

// execute runs or checks what the file says.
func (f *mirrorFlags) execute(c *cobra.Command, plugins connect.Plugins, path string) error {
	if _, err := flags.Properties(c); err != nil {
		return command.Usage(err)
	}
	s := mirrormaker.Read(plugins, path, f.clusters)
	if f.check {
		return s.Print(c.OutOrStdout())
	}
	logger, err := flags.Logger(c)
	if err = cmp.Or(s.Err(), err); err != nil {
		return command.Usage(err)
	}
	for _, w := range s.Warnings {
		logger.Warn(w)
	}
	err = mirrors{s, plugins}.run(c.Context(), logger)
	if _, json := logger.Handler().(*slog.JSONHandler); json && err != nil {
		logger.Error("mirror failed", "error", err) // whoever reads JSON lines reads no other
		return loggedError{err}
	}
	return err
}
