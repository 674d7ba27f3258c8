package change

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

// each makes c do something with every connector that is named, and say what was done.
// It goes on when one of them refuses.
func each(s *session.Session, c *cobra.Command, done string,
	do func(*client.Client, context.Context, string) error) *cobra.Command {
	c.Args, c.ValidArgsFunction = session.SomeConnectors, s.ConnectorNames
	c.RunE = func(c *cobra.Command, args []string) error {
		return s.Do(c, func(ctx context.Context, cl *client.Client) error {
			var errs []error
			for _, name := range session.ConnectorArgs(args) {
				if err := do(cl, ctx, name); err != nil {
					errs = append(errs, fmt.Errorf("connector %s: %w", name, err))
					continue
				}
				fmt.Fprintf(c.OutOrStdout(), "connector %s %s\n", flags.Printable(name), done)
			}
			return errors.Join(errs...)
		})
	}
	return c
}

func newDelete(s *session.Session) *cobra.Command {
	missing := false
	c := &cobra.Command{Use: "delete CONNECTOR...", Short: "Remove connectors; their offsets stay",
		SuggestFor: []string{"remove", "rm"}}
	c.Flags().BoolVar(&missing, "ignore-not-found", false, "Take a connector that does not exist for one that is removed")
	return each(s, c, "deleted", func(cl *client.Client, ctx context.Context, name string) error {
		err := cl.Delete(ctx, name)
		if missing && errors.Is(err, client.ErrNotFound) {
			return nil
		}
		return err
	})
}

func newPause(s *session.Session) *cobra.Command {
	return each(s, &cobra.Command{Use: "pause CONNECTOR...",
		Short: "Make connectors stop working and keep what they hold"},
		"is being paused", (*client.Client).Pause)
}

func newResume(s *session.Session) *cobra.Command {
	return each(s, &cobra.Command{Use: "resume CONNECTOR...",
		Short:      "Make connectors that are paused or stopped work again",
		SuggestFor: []string{"start", "unpause"}},
		"is being resumed", (*client.Client).Resume)
}

func newStop(s *session.Session) *cobra.Command {
	return each(s, &cobra.Command{Use: "stop CONNECTOR...",
		Short: "End the tasks of connectors and keep their configurations, as altering offsets needs it"},
		"is being stopped", (*client.Client).Stop)
}

// restartFlags are the flags of suiro ctl restart.
type restartFlags struct {
	tasks         []int
	onlyFailed    bool
	connectorOnly bool
}

func newRestart(s *session.Session) *cobra.Command {
	var f restartFlags
	c := &cobra.Command{
		Use: "restart CONNECTOR...", Short: "Start connectors again, with their tasks",
		Long: "Start connectors again, with their tasks. What Kafka Connect does by default, without the tasks, is " +
			"--connector-only.",
		Example: `
suiro ctl restart orders --only-failed
suiro ctl restart orders --task 0 --task 2`,
	}
	c.Flags().IntSliceVar(&f.tasks, "task", nil, "Restart the task of this `number` alone; may be given again")
	c.Flags().BoolVar(&f.onlyFailed, "only-failed", false, "Restart what has failed, and nothing else")
	c.Flags().BoolVar(&f.connectorOnly, "connector-only", false, "Leave the tasks as they are")
	each(s, c, "is being restarted", f.restart)
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(f.tasks) > 0 && (f.onlyFailed || f.connectorOnly || len(session.ConnectorArgs(args)) > 1) {
			return cli.UsageError{Err: errors.New("--task names tasks of one connector, and goes with neither --only-failed " +
				"nor --connector-only")}
		}
		return run(c, args)
	}
	return c
}

func (f *restartFlags) restart(cl *client.Client, ctx context.Context, name string) error {
	if len(f.tasks) == 0 {
		_, err := cl.Restart(ctx, name, !f.connectorOnly, f.onlyFailed)
		return err
	}
	var errs []error
	for _, n := range f.tasks {
		if err := cl.RestartTask(ctx, api.TaskID{Connector: name, Task: n}); err != nil {
			errs = append(errs, fmt.Errorf("task %s: %w", strconv.Itoa(n), err))
		}
	}
	return errors.Join(errs...)
}
