package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/internal/kill/trial"
	"github.com/suiro/suiro/internal/kill/verify"
)

// asFastAsItGoes is a rate that no cluster can keep up with.
const asFastAsItGoes = 1e9

// killing holds the flags that run, run-state and run-kinds share.
type killing struct {
	cluster
	lines
	app, dir, wipe, guarantee string
	partitions                int32
	replication               int16
	plan                      trial.Plan
	stall                     time.Duration
	steady                    bool // see [trial.Options]; then the output has the broker's time
}

func (k *killing) flags(c *cobra.Command) {
	k.cluster.flags(c)
	k.lines.flags(c, 10_000)
	f := c.Flags()
	f.IntVar(&k.plan.Kills, "kills", 20, "how many times a process is killed")
	f.IntVar(&k.plan.Freezes, "freezes", 0, "how often a process is suspended for longer than its session")
	f.IntVar(&k.plan.Instances, "instances", 1, "how many processes of the app run")
	f.BoolVar(&k.plan.Churn, "churn", false, "let all processes but the first join and leave")
	f.StringVar(&k.wipe, "wipe", string(trial.WipeNever), "when a kill deletes the local state: never, always or "+
		"alternate")
	f.DurationVar(&k.plan.Interval, "interval", 3*time.Second, "the longest that a process works before it is killed")
	f.DurationVar(&k.plan.Session, "session-timeout", 6*time.Second, "the app's session.timeout.ms")
	f.StringVar(&k.guarantee, "guarantee", "exactly_once_v2", "what the app promises, exactly_once_v2 or at_least_once")
	f.Int32Var(&k.partitions, "partitions", 4, "partitions of the topics")
	f.Int16Var(&k.replication, "replication-factor", -1, "replicas of the topics; -1 is the broker's default")
	f.StringVar(&k.dir, "dir", "", "folder for state and output of the app; default a temporary one, deleted after "+
		"success, as the topics are")
	f.DurationVar(&k.stall, "stall", 2*time.Minute, "how long the app may be without progress")
}

// appFlag is the flag of the app under test.
func (k *killing) appFlag(c *cobra.Command) {
	c.Flags().StringVar(&k.app, "app", "", "command of the app, words separated by spaces, with {bootstrap}, "+
		"{application.id}, {input}, {output}, {state}, {http} and {replication.factor} in them")
}

// needsApp is the flag of an app that a command cannot do without.
func (k *killing) needsApp(c *cobra.Command) {
	k.appFlag(c)
	must(c.MarkFlagRequired("app"))
}

func (k *killing) check() error {
	errs := []error{k.lines.check()}
	if k.guarantee != "exactly_once_v2" && k.guarantee != "at_least_once" {
		errs = append(errs, fmt.Errorf("--guarantee %q must be exactly_once_v2 or at_least_once", k.guarantee))
	}
	k.plan.Wipe = trial.Wipe(k.wipe)
	switch k.plan.Wipe {
	case trial.WipeNever, trial.WipeAlways, trial.WipeAlternate:
	default:
		errs = append(errs, fmt.Errorf("--wipe %q must be never, always or alternate", k.wipe))
	}
	if k.plan.Kills < 0 || k.plan.Freezes < 0 || k.plan.Freezes > k.plan.Kills {
		errs = append(errs, errors.New("--kills and --freezes must be at least 0, and --freezes at most --kills, as "+
			"each freeze follows a kill"))
	}
	if k.plan.Interval < 0 || k.plan.Session < 0 {
		errs = append(errs, errors.New("--interval and --session-timeout must be at least 0"))
	}
	if k.plan.Instances < 1 || k.plan.Churn && k.plan.Instances < 2 {
		errs = append(errs, errors.New("--instances must be at least 1, and at least 2 with --churn"))
	}
	return errors.Join(errs...)
}

// folder makes the folder of the run and returns what deletes it.
func (k *killing) folder() (remove func(), err error) {
	if k.dir != "" {
		return func() {}, os.MkdirAll(k.dir, 0o755)
	}
	k.dir, err = os.MkdirTemp("", "killtest-")
	return func() { os.RemoveAll(k.dir) }, err
}

// trial makes a trial that works in a folder inside the folder of the run.
func (k *killing) trial(c *cobra.Command, name string) (*trial.Trial, error) {
	opts, bootstrap, err := k.cluster.options(c)
	if err != nil {
		return nil, err
	}
	rate := k.rate
	if rate == 0 {
		rate = asFastAsItGoes
	}
	var config map[string]string
	if k.steady {
		config = map[string]string{"message.timestamp.type": "LogAppendTime"}
	}
	return trial.New(c.Context(), "killtest-"+name, trial.Options{
		Steady: k.steady, OutputConfig: config,
		Bootstrap: bootstrap, Client: opts, App: strings.Fields(k.app), Lines: k.log, JSON: k.format == "json",
		Rate: rate, Processes: k.plan.Instances, Late: k.plan.Churn, Partitions: k.partitions,
		ReplicationFactor: k.replication, Dir: k.dir + "/" + name, Stall: k.stall, Log: c.OutOrStdout(),
	})
}

func (k *killing) events() []trial.Event {
	return k.plan.Events(rand.New(rand.NewPCG(k.log.Seed, 0)))
}

func runCommand() *cobra.Command {
	var k killing
	var format, field string
	c := &cobra.Command{
		Use: "run", Short: "Kill an app that writes a record for each it reads, and check what it wrote.", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := k.check(); err != nil {
				return err
			}
			id, err := verify.IDOf(format, field)
			if err != nil {
				return err
			}
			return k.run(c, verify.Check{Records: k.log.Records, ID: id, AtLeastOnce: k.guarantee == "at_least_once"})
		},
	}
	k.flags(c)
	k.needsApp(c)
	c.Flags().StringVar(&format, "format", "json", "format of the output, json or ltsv")
	c.Flags().StringVar(&field, "field", "id", "field of the id in the output")
	return c
}

func (k *killing) run(c *cobra.Command, check verify.Check) error {
	out := c.OutOrStdout()
	fmt.Fprintf(out, "seed %d\n", k.log.Seed)
	defer func() { fmt.Fprintf(out, "seed %d\n", k.log.Seed) }()
	remove, err := k.folder()
	if err != nil {
		return err
	}
	t, err := k.trial(c, "run")
	if err != nil {
		return err
	}
	defer t.Close()
	if err := t.Run(c.Context(), k.events(), nil); err != nil {
		return err
	}
	check.Topic = t.Output
	ctx, cancel := context.WithTimeout(c.Context(), 5*time.Minute)
	defer cancel()
	r, err := check.Run(ctx, t.Client)
	if err != nil {
		return err
	}
	r.Print(out)
	k.table(out, t.Outcome,
		row{"aborted records", r.Uncommitted}, row{"duplicates", r.Duplicates}, row{"missing", r.Missing})
	if err := r.Err(); err != nil {
		return fmt.Errorf("%w; the app's output is in %s", err, k.dir)
	}
	remove()
	return t.Remove(c.Context())
}

// row is one line of the final table.
type row struct {
	name  string
	value any
}

func (k *killing) table(w io.Writer, o trial.Outcome, rows ...row) {
	rows = append([]row{
		{"guarantee", k.guarantee}, {"instances", k.plan.Instances}, {"local state wiped", k.wipe},
		{"kills", o.Kills}, {"freezes", o.Freezes}, {"of these in an open transaction", o.InTransaction},
		{"joins and leaves", o.Joins + o.Leaves}, {"records", o.Records},
	}, append(rows, row{"duration", o.Duration.Round(100 * time.Millisecond)})...)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%v\n", r.name, r.value)
	}
	t.Flush()
}
