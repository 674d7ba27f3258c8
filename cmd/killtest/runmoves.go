package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/killtest/internal/counted"
	"github.com/suiro/suiro/internal/kill/trial"
	"github.com/suiro/suiro/internal/kill/verify"
)

// move is an instance that joins or leaves under load, or nothing that happens, to compare.
type move struct {
	what    string
	members int         // afterwards
	do      trial.Event // nil is nothing
	lasts   time.Duration

	began, ended  time.Time
	before, after map[int32]string // who has each partition
}

// String implements [trial.Event].
func (m *move) String() string { return m.what }

// Do implements [trial.Event].
func (m *move) Do(ctx context.Context, t *trial.Trial) (err error) {
	members := m.members
	switch m.do.(type) {
	case trial.Join:
		members--
	case trial.Leave:
		members++
	}
	if m.before, err = trial.Owners(ctx, t, members); err != nil {
		return err
	}
	m.began = time.Now()
	if m.do != nil {
		if err := m.do.Do(ctx, t); err != nil {
			return err
		}
	}
	if m.after, err = trial.Owners(ctx, t, m.members); err != nil {
		return err
	}
	err = t.Sleep(ctx, m.lasts)
	m.ended = time.Now()
	return err
}

// moves are those of three instances.
func moves(lasts time.Duration) []*move {
	return []*move{
		{what: "one instance works", members: 1, lasts: lasts},
		{what: "a second one joins", members: 2, do: trial.Join{Instance: 2}, lasts: lasts},
		{what: "a third one joins", members: 3, do: trial.Join{Instance: 3}, lasts: lasts},
		{what: "the third one leaves", members: 2, do: trial.Leave{Instance: 3}, lasts: lasts},
		{what: "the second one leaves", members: 1, do: trial.Leave{Instance: 2}, lasts: lasts},
	}
}

// pauses are how long partitions were without output.
type pauses struct {
	// stayed has every time between two outputs of those that stayed with their instance, and
	// moved the longest of each that moved.
	stayed, moved []int64
}

// pauses returns what outputs with these times tell, in milliseconds.
func (m *move) pauses(written map[int32][]int64) (p pauses) {
	for id, times := range written {
		between := gaps(times, m.began.UnixMilli(), m.ended.UnixMilli())
		switch {
		case len(between) == 0:
		case m.before[id] == m.after[id]:
			p.stayed = append(p.stayed, between...)
		default:
			p.moved = append(p.moved, slices.Max(between))
		}
	}
	slices.Sort(p.stayed)
	slices.Sort(p.moved)
	return p
}

// gaps are the times between two others of which the later one is in a span, or the first
// behind it.
func gaps(times []int64, from, to int64) (out []int64) {
	for i := 1; i < len(times); i++ {
		if times[i] >= from && times[i-1] <= to {
			out = append(out, times[i]-times[i-1])
		}
	}
	return out
}

// quantile returns what a part of some times, which are sorted, is not longer than.
func quantile(times []int64, part float64) string {
	if len(times) == 0 {
		return "-"
	}
	return fmt.Sprintf("%d ms", times[min(int(part*float64(len(times))), len(times)-1)])
}

// written returns when the broker got the committed records of each partition of a topic,
// in milliseconds since 1970.
func written(ctx context.Context, t *trial.Trial) (map[int32][]int64, error) {
	cl, err := kgo.NewClient(t.Client...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	ranges, err := verify.Ends(ctx, kadm.NewClient(cl), t.Output)
	if err != nil {
		return nil, err
	}
	times := map[int32][]int64{}
	err = verify.Read(ctx, t.Client, t.Output, ranges, kgo.ReadCommitted(), func(r *kgo.Record) {
		at := r.Timestamp.UnixMilli()
		if all := times[r.Partition]; len(all) == 0 || all[len(all)-1] != at {
			times[r.Partition] = append(all, at)
		}
	})
	for _, all := range times {
		slices.Sort(all)
	}
	return times, err
}

func runMovesCommand() *cobra.Command {
	var k killing
	var format, field string
	var lasts time.Duration
	c := &cobra.Command{
		Use: "run-moves",
		Short: "Let a second and a third instance of an app join and leave under load, measure how long its output pauses, " +
			"and check what it wrote.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := k.check(); err != nil {
				return err
			}
			if k.app == "" {
				format = k.format // which it passes on
			}
			id, err := verify.IDOf(format, field)
			if err != nil {
				return err
			}
			if k.rate == 0 {
				return errors.New("--rate must be more than 0: a pause is told by records that do not come")
			}
			return runMoves(c, &k, lasts, verify.Check{ID: id, AtLeastOnce: k.guarantee == "at_least_once"})
		},
	}
	k.flags(c)
	k.appFlag(c)
	f := c.Flags()
	f.Lookup("app").Usage += "; default this program's own, which counts records by key in a store and passes them on"
	f.StringVar(&format, "format", "json", "format of the output, json or ltsv")
	f.StringVar(&field, "field", "id", "field of the id in the output")
	f.DurationVar(&lasts, "lasts", 8*time.Second, "how long the app works after each join and leave")
	for _, unused := range []string{"records", "kills", "freezes", "instances", "churn", "wipe", "interval"} {
		f.Lookup(unused).Hidden = true
	}
	defaults(c, map[string]string{"rate": "50000", "partitions": "6"})
	return c
}

// countedCommand is an app with state whose instances may join and leave.
func countedCommand() *cobra.Command { return counted.Program().Command() }

// countedApp is its command line.
func countedApp(program string) []string {
	return []string{program, "counted", "--bootstrap-servers", "{bootstrap}", "--application-id", "{application.id}",
		"--input-topic", "{input}", "--output-topic", "{output}", "--state-dir", "{state}",
		"--replication-factor", "{replication.factor}"}
}

func runMoves(c *cobra.Command, k *killing, lasts time.Duration, check verify.Check) error {
	out := c.OutOrStdout()
	all := moves(lasts)
	var events []trial.Event
	for _, m := range all {
		events = append(events, m)
	}
	k.plan.Instances, k.plan.Churn, k.steady = 3, true, true
	if k.app == "" {
		program, err := os.Executable()
		if err != nil {
			return err
		}
		k.app = strings.Join(countedApp(program), " ")
	}
	// Each event takes a few seconds more than it lasts.
	k.log.Records = int64(k.rate * (lasts + 5*time.Second).Seconds() * float64(len(events)))
	remove, err := k.folder()
	if err != nil {
		return err
	}
	t, err := k.trial(c, "moves")
	if err != nil {
		return err
	}
	defer t.Close()
	if err := t.Run(c.Context(), events, nil); err != nil {
		return err
	}
	check.Topic, check.Records = t.Output, t.Lines.Records
	ctx, cancel := context.WithTimeout(c.Context(), 5*time.Minute)
	defer cancel()
	times, err := written(ctx, t)
	if err != nil {
		return err
	}
	r, err := check.Run(ctx, t.Client)
	if err != nil {
		return err
	}
	r.Print(out)
	fmt.Fprintf(out, "%d records, %.0f a second\n", t.Lines.Records, float64(t.Lines.Records)/t.Outcome.Duration.Seconds())
	table(out, all, times)
	if err := r.Err(); err != nil {
		return fmt.Errorf("%w; the app's output is in %s", err, k.dir)
	}
	remove()
	return t.Remove(c.Context())
}

// table writes the pauses.
func table(w io.Writer, all []*move, times map[int32][]int64) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tpauses of tasks that stay: 99%\t99.9%\tlongest\ttasks that move\ttheir pause: median\tlongest")
	for _, m := range all {
		p := m.pauses(times)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", m.what, quantile(p.stayed, 0.99), quantile(p.stayed, 0.999),
			quantile(p.stayed, 1), len(p.moved), quantile(p.moved, 0.5), quantile(p.moved, 1))
	}
	t.Flush()
}
