// Package doctor looks at all that a worker and its connectors need outside themselves:
// brokers, topics, rights, groups, schema registries, the connectors' own systems, other
// workers, clocks and disks. It asks, and changes nothing.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/internal/configfiles"
)

// doctorFlags are the flags of suiro connect doctor.
type doctorFlags struct {
	check.Flags
	timeout time.Duration
}

// New returns the command.
func New(plugins connect.Plugins) *cobra.Command {
	var f doctorFlags
	c := &cobra.Command{
		Use:        "doctor --config worker.properties [FOLDER|FILE...]",
		Short:      "Ask brokers, registries and outside systems whether a worker and connectors could work",
		SuggestFor: []string{"diagnose", "preflight", "ping", "health"},
		Long: `Ask all that a worker needs whether it could work, from the machine where the command runs: before the first ` +
			`start, and when nothing works. With files of connectors it asks what these need, too.

It looks at the files, at every bootstrap server and broker at the address that the broker advertises, at the topics ` +
			`of the worker and of the connectors, or whether they could be made, at what the users of the worker and of ` +
			`the connectors may do with topics, groups and transactions, at schema registries, at the connectors' own ` +
			`systems, at the other workers of the group, at clocks, and at the disk.

Nothing is created, written or joined, and no secret is shown. Each line is ok, a warning, failed or skipped; the ` +
			`last one could not be found out, and the line says why. What does not answer within --timeout has failed.

The exit code is 0 when nothing has failed, 1 when something has, and 2 when the command line is wrong or there is ` +
			`no such file.`,
		Example: `
suiro connect doctor --config worker.properties
suiro connect doctor --config worker.properties connectors/
suiro connect doctor --config worker.properties orders.json -o json`,
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, plugins, args) },
	}
	f.Define(c, "a line for each finding")
	c.Flags().DurationVar(&f.timeout, "timeout", 30*time.Second, "How long all questions together may take")
	return c
}

func (f *doctorFlags) execute(c *cobra.Command, plugins connect.Plugins, args []string) error {
	if err := f.Check(); err != nil {
		return err
	}
	if f.Path() == "" {
		return command.Usage(errors.New("--config is needed: the worker's properties file"))
	}
	if f.timeout <= 0 {
		return command.Usage(fmt.Errorf("--timeout %s: must be more than 0", f.timeout))
	}
	files, err := configfiles.Files(args)
	if err != nil {
		return command.Usage(err)
	}
	ctx, cancel := context.WithTimeout(c.Context(), f.timeout)
	defer cancel()
	findings := examine(ctx, plugins, f.Setup(plugins, files))
	return report(c.OutOrStdout(), findings, f.Output.JSON())
}
