package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/internal/kill/trial"
)

// lines holds the flags of an access log.
type lines struct {
	log    access.Log
	format string
	rate   float64
}

func (l *lines) flags(cmd *cobra.Command, rate float64) {
	f := cmd.Flags()
	f.Int64Var(&l.log.Records, "records", 1_000_000, "how many records; their ids are 0 to records-1")
	f.Uint64Var(&l.log.Seed, "seed", 1, "decides everything that looks random; 0 takes the time of day")
	f.DurationVar(&l.log.Span, "span", time.Hour, "event time from the first to the last record")
	f.IntVar(&l.log.Servers, "servers", 10, "how many virtual hosts answer")
	f.IntVar(&l.log.Users, "users", 1<<20, "how many users there are, each with a key of its own")
	f.StringVar(&l.format, "input-format", "ltsv", "ltsv or json")
	f.Float64Var(&l.rate, "rate", rate, "records per second, 0 for as fast as possible")
}

// check completes the flags.
func (l *lines) check() error {
	if l.log.Seed == 0 {
		l.log.Seed = uint64(time.Now().UnixNano())
	}
	if l.format != "ltsv" && l.format != "json" {
		return fmt.Errorf("--input-format %q must be ltsv or json", l.format)
	}
	if l.log.Records < 1 || l.log.Servers < 1 || l.log.Users < 1 || l.rate < 0 {
		return errors.New("--records, --servers and --users must be at least 1, and --rate at least 0")
	}
	return nil
}

func loadCommand() *cobra.Command {
	var (
		at    cluster
		l     lines
		topic string
	)
	c := &cobra.Command{
		Use: "load", Short: "Write the lines of an access log, with ids from 0 on, to a topic.", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := l.check(); err != nil {
				return err
			}
			opts, _, err := at.options(c)
			if err != nil {
				return err
			}
			began := time.Now()
			feed := trial.Feed{Topic: topic, Log: l.log, JSON: l.format == "json", Rate: l.rate}
			if err := feed.Run(c.Context(), opts); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %d records with seed %d in %.1fs\n",
				topic, feed.Fed(), l.log.Seed, time.Since(began).Seconds())
			return nil
		},
	}
	at.flags(c)
	l.flags(c, 0)
	c.Flags().StringVar(&topic, "topic", "", "topic to write, which must exist")
	must(c.MarkFlagRequired("topic"))
	return c
}

// must panics when a flag that was just declared does not exist.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// defaults are those of a command that are other ones than those of its flags.
func defaults(c *cobra.Command, values map[string]string) {
	for name, value := range values {
		must(c.Flags().Set(name, value))
		c.Flags().Lookup(name).DefValue = value
	}
}
