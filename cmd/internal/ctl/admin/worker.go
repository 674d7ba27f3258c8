package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

func newSet(s *session.Session) *cobra.Command {
	c := &cobra.Command{Use: "set", Short: "Set the level of a logger"}
	cluster := false
	logger := &cobra.Command{
		Use: "logger NAME LEVEL", Aliases: []string{"loggers"}, Short: "Set the level of a logger and of those below it",
		Example: "suiro ctl set logger org.apache.kafka.connect DEBUG\nsuiro ctl set logger root INFO --cluster",
		Args: func(c *cobra.Command, args []string) error {
			return session.Exactly(c, args, "the logger and its level", "NAME", "LEVEL")
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR"}, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			return s.Do(c, func(ctx context.Context, cl *client.Client) error {
				changed, err := cl.SetLogger(ctx, args[0], args[1], cluster)
				if err != nil {
					return err
				}
				said := output.Plural(len(changed), "logger") + " changed"
				if cluster {
					said = "set on every worker"
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "logger %s: %s\n", flags.Printable(args[0]), said)
				return err
			})
		},
	}
	logger.Flags().BoolVar(&cluster, "cluster", false, "Set it on every worker, not only on the one that answers")
	c.AddCommand(logger)
	return c
}

// workerOf is what one worker says, or why it says nothing.
type workerOf[T any] struct {
	URL   string `json:"url"`
	Says  T      `json:"answer"`
	Error string `json:"error,omitempty"`
}

// workers asks the worker of each address of the cluster.
func workers[T any](s *session.Session, c *cobra.Command,
	ask func(*client.Client, context.Context) (T, error)) ([]workerOf[T], error) {
	target, err := s.Target(c)
	if err != nil {
		return nil, cli.UsageError{Err: err}
	}
	var out []workerOf[T]
	for _, url := range target.URLs {
		alone := target
		alone.URLs = []string{url}
		cl, err := s.ClientOf(c, alone)
		if err != nil {
			return nil, cli.UsageError{Err: err}
		}
		ctx, cancel := context.WithTimeout(c.Context(), s.Timeout)
		says, err := ask(cl, ctx)
		cancel()
		w := workerOf[T]{URL: cl.Addresses()[0], Says: says}
		if err != nil {
			w.Error = err.Error()
		}
		out = append(out, w)
	}
	return out, nil
}

func newHealth(s *session.Session) *cobra.Command {
	var f session.Format
	c := &cobra.Command{
		Use: "health", Short: "Ask each worker whether it is alive; the exit code is 1 when one is not", Args: flags.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.Check(); err != nil {
				return err
			}
			all, err := workers(s, c, (*client.Client).Health)
			if err != nil {
				return err
			}
			t := output.Table{Header: []string{"WORKER", "HEALTH", "MESSAGE"}}
			bad := 0
			for _, w := range all {
				health, message := w.Says.Status, w.Says.Message
				if w.Error != "" {
					health, message = "unknown", w.Error
				}
				if health != api.Healthy {
					bad++
				}
				t.Rows = append(t.Rows, []string{w.URL, health, message})
			}
			if err := output.Write(c.OutOrStdout(), f.Name, all, t); err != nil || bad == 0 {
				return err
			}
			return fmt.Errorf("%s of %d not healthy", output.Plural(bad, "worker"), len(all))
		},
	}
	f.Define(c)
	return c
}

func newInfo(s *session.Session) *cobra.Command {
	var f session.Format
	c := &cobra.Command{
		Use: "info", Aliases: []string{"version"}, Args: flags.NoArgs,
		Short: "Show the version of each worker and the id of its Kafka cluster",
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.Check(); err != nil {
				return err
			}
			all, err := workers(s, c, (*client.Client).Server)
			if err != nil {
				return err
			}
			t := output.Table{Header: []string{"WORKER", "VERSION", "COMMIT", "KAFKA CLUSTER"}}
			var wrong []string
			for _, w := range all {
				if w.Error != "" {
					wrong = append(wrong, w.Error)
				}
				t.Rows = append(t.Rows, []string{w.URL, w.Says.Version, w.Says.Commit, w.Says.ClusterID})
			}
			if len(wrong) == len(all) { // a table of nothing says nothing
				return errors.New(strings.Join(wrong, "\n"))
			}
			err = output.Write(c.OutOrStdout(), f.Name, all, t)
			if len(wrong) > 0 {
				err = errors.Join(err, errors.New(strings.Join(wrong, "\n")))
			}
			return err
		},
	}
	f.Define(c)
	return c
}
