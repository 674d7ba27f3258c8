package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/flags"
)

// topologyCommand returns the command that describes the topology.
func topologyCommand(p Program, def *config.Def) *cobra.Command {
	var g given
	c := &cobra.Command{
		Use: "topology", Short: "Describe the topology, without connecting to a broker",
		Args: flags.NoArgs,
		Long: "Describe the topology: its parts, with their sources, processors, stores and sinks, in the format of Kafka " +
			"Streams. Tools that draw such descriptions take it. The command takes all flags of the app, see --help-all.",
		Example: p.Name + " topology --input-topic in",
		RunE: func(c *cobra.Command, _ []string) error {
			if g.all {
				return helpAll(c, def)
			}
			m, err := p.make(c, def, g)
			if err == nil {
				_, err = fmt.Fprint(c.OutOrStdout(), m.topology)
			}
			return err
		},
	}
	p.defineFor(c, def, &g, "application.id", "input.topic", "output.topic")
	return c
}
