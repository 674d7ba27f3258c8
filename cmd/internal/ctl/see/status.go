package see

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

func newStatus(s *session.Session) *cobra.Command {
	var f session.Format
	c := &cobra.Command{
		Use: "status [CONNECTOR...]", Short: "Show what connectors and tasks do; the exit code is 1 when one has failed",
		ValidArgsFunction: s.ConnectorNames,
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.Check(); err != nil {
				return err
			}
			return s.Do(c, func(ctx context.Context, cl *client.Client) error {
				all, err := expanded(ctx, cl, session.ConnectorArgs(args), "status")
				if err != nil {
					return err
				}
				statuses := map[string]*api.ConnectorStatus{}
				for name, e := range all {
					statuses[name] = e.Status
				}
				if err := output.Write(c.OutOrStdout(), f.Name, statuses, statusTable(all)); err != nil {
					return err
				}
				if failed := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool {
					return !isIn(all[name], string(api.Failed))
				}); len(failed) > 0 {
					return fmt.Errorf("%s failed or with a failed task: %s describe connector %s shows why",
						output.Plural(len(failed), "connector"), c.Parent().CommandPath(), flags.Printable(failed[0]))
				}
				return nil
			})
		},
	}
	f.Define(c)
	return c
}

// statusTable has a row for each connector and one for each of its tasks.
func statusTable(all map[string]api.ExpandedConnector) output.Table {
	t := output.Table{Header: []string{"NAME", "STATE", "WORKER", "ERROR"}, Empty: "There are no connectors."}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		status := all[name].Status
		if status == nil {
			t.Rows = append(t.Rows, []string{name, unknown, unknown, ""})
			continue
		}
		row := func(name string, s api.ConnectorState) {
			t.Rows = append(t.Rows, []string{name, string(s.State), s.WorkerID, output.Cause(s.Trace, 70)})
		}
		row(name, status.Connector)
		for _, task := range status.Tasks {
			row(fmt.Sprintf("  task %d", task.ID), task.ConnectorState)
		}
	}
	return t
}
