// Package deploy makes a Connect cluster what a folder of files says: suiro connect plan
// shows what would change, and suiro connect apply does it. The cluster is one of Suiro's
// workers or of Java workers, and is asked over its REST API alone.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
)

// New returns a command that is called connect and holds plan and apply; [cli.Add] brings
// them below the command of that name.
func New() *cobra.Command {
	c := &cobra.Command{Use: "connect"}
	c.AddCommand(newPlan(), newApply())
	return c
}

// filesForm says what the arguments are, in the help of both commands.
const filesForm = "A file holds one connector, as JSON, YAML or properties. A folder stands for all of them in it " +
	"and below, but for the files of workers and those of suiro connect test. The cluster is that of --url, or of " +
	"the current context of suiro ctl, or " + session.DefaultURL + "."

// planForm says what is compared and shown.
const planForm = "Secrets are not shown; a reference such as ${file:/run/secrets/shop:password} is. A worker of " +
	"Suiro does not show a secret that was written into a configuration, so that it cannot be compared: the plan says " +
	"where, and --resend-secrets counts such a connector as changed."

// common are the flags of both commands.
type common struct {
	session session.Session
	prune   bool
	resend  bool
	format  string
}

func (f *common) define(c *cobra.Command) {
	f.session.Define(c)
	c.Flags().BoolVar(&f.prune, "prune", false, "Delete the connectors of the cluster that no file has")
	c.Flags().BoolVar(&f.resend, "resend-secrets", false,
		"Count connectors as changed whose files have secrets that the worker does not show")
	c.Flags().StringVarP(&f.format, "output", "o", "text", "Print in this `format`: text, for people, or json")
	_ = c.RegisterFlagCompletionFunc("output", // the flag exists
		cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

// json reports whether programs read the output.
func (f *common) json() bool { return f.format == "json" }

// plan reads the files and asks the cluster.
func (f *common) plan(c *cobra.Command, args []string) (*client.Client, *plan, error) {
	if f.format != "text" && f.format != "json" {
		return nil, nil, cli.UsageError{Err: fmt.Errorf("--output %s: must be text or json", f.format)}
	}
	wanted, err := readAll(args)
	if err != nil {
		return nil, nil, cli.UsageError{Err: err}
	}
	cl, err := f.session.Client(c)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), f.session.Timeout)
	defer cancel()
	p, err := makePlan(ctx, cl, wanted, options{f.prune, f.resend})
	return cl, p, err
}

func someFiles(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s needs a folder or a file of connectors", c.CommandPath())
	}
	return nil
}

func newPlan() *cobra.Command {
	var f common
	c := &cobra.Command{
		Use:        "plan FOLDER|FILE... --url URL",
		Short:      "Show what apply would change in a cluster",
		SuggestFor: []string{"diff"},
		Args:       someFiles,
		Long: "Show what suiro connect apply would change in a cluster, key by key: connectors that would be created, " +
			"changed, and with --prune deleted, and what the worker says is wrong with them. Nothing is changed.\n\n" +
			filesForm + "\n\n" + planForm + "\n\nThe exit code is 0 when the plan could be carried out, whether or not there " +
			"is anything to do, 1 when a worker would refuse a part of it or does not answer, and 2 when the command line or " +
			"a file is wrong.",
		Example: `
suiro connect plan connectors/ --url http://connect:8083
suiro connect plan connectors/ --prune -o json`,
		RunE: func(c *cobra.Command, args []string) error {
			_, p, err := f.plan(c, args)
			if err != nil {
				return err
			}
			if f.json() {
				err = p.writeJSON(c.OutOrStdout())
			} else {
				err = p.write(c.OutOrStdout())
			}
			return errors.Join(err, p.err())
		},
	}
	f.define(c)
	return c
}

// applyFlags are the flags of suiro connect apply.
type applyFlags struct {
	common
	yes, noWait bool
	settle      time.Duration
}

func newApply() *cobra.Command {
	var f applyFlags
	c := &cobra.Command{
		Use:   "apply FOLDER|FILE... --url URL",
		Short: "Make a cluster what files say, and wait until all connectors and tasks run",
		Args:  someFiles,
		Long: "Make a cluster what files say. The plan is shown, as by suiro connect plan, and carried out when somebody " +
			"types yes, or with --yes: connectors are deleted, with --prune alone, then changed, then created, each group by " +
			"name. Then it waits until those that were changed and created run with all their tasks, as long as --timeout " +
			"says, or tells why one has failed. What is paused or stopped stays so.\n\n" +
			"Nothing is done when the worker would refuse one of the configurations. A connector that somebody else has " +
			"changed since the plan is left alone, and ends the work there. When all is as the files say, there is nothing " +
			"to do.\n\n" + filesForm + "\n\n" + planForm + "\n\nThe exit code is 0 when the cluster is what the files say and " +
			"its connectors run, 1 when it is not, and 2 when the command line or a file is wrong, or nobody said yes.",
		Example: `
suiro connect apply connectors/ --url http://connect:8083
suiro connect apply connectors/ --prune --yes --timeout 5m -o json`,
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, args) },
	}
	f.define(c)
	c.Flags().BoolVar(&f.yes, "yes", false, "Do not ask")
	c.Flags().BoolVar(&f.noWait, "no-wait", false, "Do not wait until connectors and tasks run")
	c.Flags().DurationVar(&f.settle, "settle", 3*time.Second,
		"How long connectors and tasks must run, or be failed, before they count as such")
	return c
}

func (f *applyFlags) execute(c *cobra.Command, args []string) error {
	if f.json() && !f.yes {
		return cli.UsageError{Err: errors.New("-o json asks nobody: add --yes")}
	}
	cl, p, err := f.plan(c, args)
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	if f.json() {
		out = io.Discard // the document comes at the end
	}
	if err := p.write(out); err != nil {
		return err
	}
	if p.err() == nil && p.todo() && !f.yes && !confirmed(c) {
		return cli.UsageError{Err: errors.New("nothing was done, as nobody typed yes: --yes does not ask")}
	}
	err = p.err()
	if err == nil {
		ctx, cancel := context.WithTimeout(c.Context(), f.session.Timeout)
		defer cancel()
		a := &applier{client: cl, out: out, settle: f.settle, wait: !f.noWait}
		err = a.apply(ctx, p)
	}
	if f.json() {
		err = errors.Join(p.writeJSON(c.OutOrStdout()), err)
	}
	return err
}
