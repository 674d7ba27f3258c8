package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/internal/kill/trial"
	"github.com/suiro/suiro/internal/kill/verify"
)

func runStateCommand() *cobra.Command {
	var k killing
	var path string
	c := &cobra.Command{
		Use:   "run-state",
		Short: "Kill an app that counts requests per server and minute, and compare its counts with undisturbed ones.",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k.format = "json"
			if err := k.check(); err != nil {
				return err
			}
			return k.runState(c, path)
		},
	}
	k.flags(c)
	k.needsApp(c)
	c.Flags().StringVar(&path, "path", "/stats", "path at {http} where the app shows its counts")
	return c
}

// runState runs the app twice on the same lines, first undisturbed and then with
// kills.
func (k *killing) runState(c *cobra.Command, path string) error {
	out := c.OutOrStdout()
	fmt.Fprintf(out, "seed %d\n", k.log.Seed)
	defer func() { fmt.Fprintf(out, "seed %d\n", k.log.Seed) }()
	remove, err := k.folder()
	if err != nil {
		return err
	}
	calm, err := k.calm(c, path)
	if err != nil {
		return fmt.Errorf("undisturbed run: %w", err)
	}
	t, err := k.trial(c, "state")
	if err != nil {
		return err
	}
	defer t.Close()
	got, err := counts(c.Context(), t, k.events(), path)
	if err != nil {
		return err
	}
	counted, err := verify.CountStats(c.Context(), t.Client, t.Input)
	if err != nil {
		return err
	}
	atLeastOnce := k.guarantee == "at_least_once"
	bad := got.Compare(counted, atLeastOnce)
	bad = append(bad, got.Compare(calm, atLeastOnce)...)
	for _, b := range bad {
		fmt.Fprintln(out, "  "+b)
	}
	k.table(out, t.Outcome, row{"servers and minutes", len(got)}, row{"requests counted", got.Requests()},
		row{"too many", got.Requests() - counted.Requests()}, row{"differences", len(bad)})
	if len(bad) > 0 {
		return fmt.Errorf("%s: counts differ from those of an undisturbed run; the app's output is in %s", t.Application,
			k.dir)
	}
	remove()
	return t.Remove(c.Context())
}

// calm returns the counts of a run in which nothing happens.
func (k *killing) calm(c *cobra.Command, path string) (verify.Stats, error) {
	calm := *k
	calm.rate, calm.plan.Churn, calm.plan.Instances = 0, false, 1
	t, err := calm.trial(c, "calm")
	if err != nil {
		return nil, err
	}
	defer t.Close()
	got, err := counts(c.Context(), t, nil, path)
	if err != nil {
		return nil, err
	}
	return got, t.Remove(c.Context())
}

// counts runs a trial and asks its instances at the end.
func counts(ctx context.Context, t *trial.Trial, events []trial.Event, path string) (got verify.Stats, err error) {
	err = t.Run(ctx, events, func(ctx context.Context) error {
		got, err = t.Stats(ctx, path)
		return err
	})
	return got, err
}
