package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/internal/kill/verify"
)

func checkCommand() *cobra.Command {
	var (
		at            cluster
		check         verify.Check
		format, field string
		wait          time.Duration
	)
	c := &cobra.Command{
		Use:   "check",
		Short: "Count the ids in a topic: exit code 0 if each of 0 to records-1 is there, and once.",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if check.Records < 1 {
				return fmt.Errorf("--records %d: must be at least 1", check.Records)
			}
			if check.ID, err = verify.IDOf(format, field); err != nil {
				return err
			}
			opts, _, err := at.options(c)
			if err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(c.Context(), wait)
			defer cancel()
			r, err := check.Run(ctx, opts)
			if err != nil {
				return err
			}
			r.Print(c.OutOrStdout())
			return r.Err()
		},
	}
	at.flags(c)
	f := c.Flags()
	f.StringVar(&check.Topic, "topic", "", "topic to read")
	f.Int64Var(&check.Records, "records", 1_000_000, "how many records the topic must hold")
	f.BoolVar(&check.AtLeastOnce, "at-least-once", false, "allow an id more than once")
	f.StringVar(&format, "format", "json", "json or ltsv")
	f.StringVar(&field, "field", "id", "field of the id")
	f.DurationVar(&wait, "timeout", 10*time.Minute, "how long the check may take, including the wait for open "+
		"transactions")
	must(c.MarkFlagRequired("topic"))
	return c
}
