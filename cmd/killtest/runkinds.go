package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/killtest/internal/kinds"
	"github.com/suiro/suiro/internal/kill/access"
	"github.com/suiro/suiro/internal/kill/trial"
)

// kindsCommand is the app that run-kinds kills.
func kindsCommand() *cobra.Command {
	c := kinds.Program().Command()
	c.PreRun = func(*cobra.Command, []string) {
		signal.Ignore(syscall.SIGXFSZ) // a file that may not grow is an error, as a full disk is
	}
	return c
}

// kindsApp is its command line. still is what [stands] returns.
func kindsApp(program string, still time.Time) []string {
	return []string{program, "kinds", "--bootstrap-servers", "{bootstrap}", "--application-id", "{application.id}",
		"--input-topic", "{input}", "--output-topic", "{output}", "--state-dir", "{state}", "--http-listen", "{http}",
		"--replication-factor", "{replication.factor}", "--session-timeout-ms", "6000",
		"--heartbeat-interval-ms", "1000", "--still-ms", fmt.Sprint(still.UnixMilli())}
}

// stands is the time at which the log of a trial stands still, a little before the last of
// so many events is over: all that closes by then has been forwarded when the trial ends.
func stands(log access.Log, events int) time.Time {
	log = log.WithDefaults()
	part := log.Records / int64(events+1)
	return log.Request(log.Records - part - part/10).Time.UTC().Truncate(time.Millisecond)
}

// settled waits until the results of a trial that has processed everything are those that
// are wanted, and returns what is different if that does not come.
func settled(ctx context.Context, t *trial.Trial, want *kinds.Results) (got *kinds.Results, bad []string, err error) {
	for end := time.Now().Add(time.Minute); ; {
		if got, err = results(ctx, t); err == nil {
			bad = got.Compare(want)
			if len(bad) == 0 {
				return got, nil, nil
			}
		}
		if time.Now().After(end) {
			return got, bad, err
		}
		if err := t.Sleep(ctx, time.Second); err != nil {
			return got, bad, err
		}
	}
}

// results are what instances have written and stored.
func results(ctx context.Context, t *trial.Trial) (*kinds.Results, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	r, err := kinds.Read(ctx, t.Client, t.Output)
	if err != nil {
		return nil, err
	}
	r.State, err = kinds.Ask(ctx, t.URLs(kinds.StatePath)...)
	return r, err
}

// closing is the last event of a trial: what has closed is looked for once a second.
var closing = trial.Rest{For: 2 * time.Second}

func runKindsCommand() *cobra.Command {
	var k killing
	c := &cobra.Command{
		Use: "run-kinds",
		Short: "Kill an app with state of each kind, this program's own, and compare its outputs and its state with those " +
			"of an undisturbed run in memory.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k.format = "json"
			if err := k.check(); err != nil {
				return err
			}
			if k.guarantee != "exactly_once_v2" {
				return errors.New("--guarantee must be exactly_once_v2: at least once, the results may be other ones")
			}
			return runKinds(c, &k)
		},
	}
	k.flags(c)
	defaults(c, map[string]string{"records": "100000", "users": "200"})
	return c
}

func runKinds(c *cobra.Command, k *killing) error {
	out := c.OutOrStdout()
	fmt.Fprintf(out, "seed %d\n", k.log.Seed)
	defer func() { fmt.Fprintf(out, "seed %d\n", k.log.Seed) }()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	remove, err := k.folder()
	if err != nil {
		return err
	}
	events := append(k.events(), closing)
	still := stands(k.log, len(events))
	k.app = strings.Join(kindsApp(program, still), " ")
	want, err := kinds.Expect(k.log, still, int(k.partitions), nil)
	if err != nil {
		return fmt.Errorf("undisturbed run: %w", err)
	}
	t, err := k.trial(c, "kinds")
	if err != nil {
		return err
	}
	defer t.Close()
	var got *kinds.Results
	var bad []string
	err = t.Run(c.Context(), events, func(ctx context.Context) (err error) {
		got, bad, err = settled(ctx, t, want)
		return err
	})
	if err != nil {
		return err
	}
	for _, b := range bad {
		fmt.Fprintln(out, b)
	}
	k.table(out, t.Outcome, row{"results", got}, row{"outputs and stores that differ", len(bad)})
	if len(bad) > 0 {
		return fmt.Errorf("%s: results differ from those of an undisturbed run; the app's output is in %s", t.Application,
			k.dir)
	}
	remove()
	return t.Remove(c.Context())
}
