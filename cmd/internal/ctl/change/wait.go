package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
)

// deleted is what wait calls a connector that is not there.
const deleted = "deleted"

// waitFlags are the flags of suiro ctl wait.
type waitFlags struct{ state string }

func newWait(s *session.Session) *cobra.Command {
	var f waitFlags
	c := &cobra.Command{
		Use:     "wait CONNECTOR...",
		Short:   "Wait until connectors and all their tasks are in a state, as long as --timeout says",
		Example: "suiro ctl wait orders --for running --timeout 1m",
	}
	states := []string{"running", "paused", "stopped", deleted}
	c.Flags().StringVar(&f.state, "for", "running", "The `state`: running, paused, stopped or deleted")
	_ = c.RegisterFlagCompletionFunc("for", // the flag exists
		cobra.FixedCompletions(states, cobra.ShellCompDirectiveNoFileComp))
	each(s, c, "", nil)
	c.RunE = func(c *cobra.Command, args []string) error {
		if !slices.Contains(states, strings.ToLower(f.state)) {
			return cli.UsageError{Err: fmt.Errorf("--for %s: must be running, paused, stopped or deleted", f.state)}
		}
		return s.Do(c, func(ctx context.Context, cl *client.Client) error {
			var errs []error
			for _, name := range session.ConnectorArgs(args) {
				errs = append(errs, waitFor(ctx, cl, name, strings.ToLower(f.state)))
			}
			return errors.Join(errs...)
		})
	}
	return c
}

// waitFor waits until a connector and its tasks are in a state. One that has failed ends
// the wait for running: a worker that starts it again needs time, or it never will.
func waitFor(ctx context.Context, cl *client.Client, name, state string) error {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		status, err := cl.Status(ctx, name)
		switch {
		case errors.Is(err, client.ErrNotFound) && state == deleted:
			return nil
		case err != nil && !errors.Is(err, client.ErrNotFound):
			return fmt.Errorf("connector %s: %w", name, err)
		case err == nil && state != deleted && is(status, api.State(strings.ToUpper(state))):
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("connector %s: is not %s in time, but %s with tasks %s", name, state,
				output.State(status.Connector), output.Tally(status.Tasks))
		}
	}
}

// is reports whether a connector and all its tasks are in a state. One that runs has a
// task at least, once it has been planned.
func is(status api.ConnectorStatus, state api.State) bool {
	other := func(t api.TaskState) bool { return t.State != state }
	if status.Connector.State != state || slices.ContainsFunc(status.Tasks, other) {
		return false
	}
	return state != api.Running || len(status.Tasks) > 0
}
