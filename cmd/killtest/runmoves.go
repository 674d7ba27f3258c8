package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

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

// pauses are the longest times without output, in milliseconds, of partitions that stayed
// with their instance and of those that moved.
func (m *move) pauses(written map[int32][]int64) (stayed, moved int64, moves int) {
	for p, times := range written {
		pause := longest(times, m.began.UnixMilli(), m.ended.UnixMilli())
		if m.before[p] == m.after[p] {
			stayed = max(stayed, pause)
			continue
		}
		moves++
		moved = max(moved, pause)
	}
	return stayed, moved, moves
}

// longest returns the longest time between two times of which the later one is in a span.
func longest(times []int64, from, to int64) (pause int64) {
	for i := 1; i < len(times); i++ {
		if times[i] >= from && times[i-1] <= to {
			pause = max(pause, times[i]-times[i-1])
		}
	}
	return pause
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
	f.StringVar(&format, "format", "json", "format of the output, json or ltsv")
	f.StringVar(&field, "field", "id", "field of the id in the output")
	f.DurationVar(&lasts, "lasts", 8*time.Second, "how long the app works after each join and leave")
	for _, unused := range []string{"records", "kills", "freezes", "instances", "churn", "wipe", "interval"} {
		f.Lookup(unused).Hidden = true
	}
	defaults(c, map[string]string{"rate": "50000", "partitions": "6"})
	return c
}

func runMoves(c *cobra.Command, k *killing, lasts time.Duration, check verify.Check) error {
	out := c.OutOrStdout()
	all := moves(lasts)
	var events []trial.Event
	for _, m := range all {
		events = append(events, m)
	}
	k.plan.Instances, k.plan.Churn, k.steady = 3, true, true
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
	fmt.Fprintln(t, "what\tlongest pause of a task that stays\tof one that moves\ttasks that move")
	for _, m := range all {
		stayed, moved, moves := m.pauses(times)
		fmt.Fprintf(t, "%s\t%d ms\t%d ms\t%d\n", m.what, stayed, moved, moves)
	}
	t.Flush()
}
