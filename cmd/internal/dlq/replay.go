package dlq

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/cmd/internal/dlq/letter"
	"github.com/suiro/suiro/cmd/internal/dlq/replay"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/flags"
)

// progressEvery is how often a long replay says how far it is.
const progressEvery = 5 * time.Second

// replaying is suiro dlq replay.
type replaying struct {
	selection
	format session.Format
	choice replay.Choice
	group  string
	dry    bool
	yes    bool
}

func newReplay() *cobra.Command {
	var r replaying
	c := &cobra.Command{
		Use: "replay TOPIC", Short: "Put dead letters back into the topics where their records came from, exactly once",
		Long: "Put dead letters back into the topics where their records came from, each exactly once: with the record's " +
			"key, value, time, partition and own headers, and without those that say why it failed. A header, " + letter.ReplaysHeader +
			", counts how often a record was put back.\n\n" +
			"Letters stay in their topic. A consumer group remembers which ones were put back, in the transactions that put " +
			"them back: a replay that was interrupted goes on where it was when it is called again, and letters that were left out are " +
			"there for the next replay. Kafka forgets the offsets of a group that nobody has used for " +
			"offsets.retention.minutes, 7 days by default.\n\n" +
			"Letters that come while it runs are left to the next replay. It says what it will do, and asks before it writes.",
		Example: `
suiro dlq replay orders-rejected --dry-run
suiro dlq replay orders-rejected --stage VALUE_CONVERTER --limit 1
suiro dlq replay orders-rejected --reason "status 400" --to orders-again --yes`,
		RunE: func(c *cobra.Command, args []string) error { return r.run(c, args[0]) },
	}
	r.define(c)
	r.format.Define(c)
	f := c.Flags()
	f.StringVar(&r.choice.To, "to", "", "Write to this `topic` instead; letters without an origin need it")
	f.StringVar(&r.group, "group", "", "The `group` that remembers what was put back (default "+replay.GroupOf("")+
		" and the topic)")
	f.Int64Var(&r.choice.Limit, "limit", 0, "Put this `number` of letters back at most (default all)")
	f.IntVar(&r.choice.MaxReplays, "max-replays", 5, "Leave letters whose records have failed again after this `number` of "+
		"replays; 0 leaves none")
	f.BoolVar(&r.dry, "dry-run", false, "Only show what would be done")
	f.BoolVarP(&r.yes, "yes", "y", false, "Do not ask")
	return about(c, &r.Flags)
}

func (r *replaying) run(c *cobra.Command, topic string) error {
	if err := r.format.Check(); err != nil {
		return err
	}
	var err error
	if r.choice.Range, err = r.check(c, time.Now()); err != nil {
		return err
	}
	r.choice.Filter = r.filter
	if err := r.checkNumbers(topic); err != nil {
		return cli.UsageError{Err: err}
	}
	brokers, err := r.Open(c)
	if err != nil {
		return err
	}
	job, err := replay.Open(c.Context(), brokers, topic, cmp.Or(r.group, replay.GroupOf(topic)), r.choice)
	if err != nil {
		return err
	}
	defer job.Close()
	plan, err := job.Plan(c.Context())
	if err != nil {
		return err
	}
	if r.dry || plan.Letters == 0 {
		return r.print(c.OutOrStdout(), plan)
	}
	if err := r.ask(c, plan); err != nil {
		return err
	}
	return r.write(c, job)
}

func (r *replaying) checkNumbers(topic string) error {
	var errs []error
	if r.choice.Limit < 0 {
		errs = append(errs, fmt.Errorf("--limit %d: must not be negative", r.choice.Limit))
	}
	if r.choice.MaxReplays < 0 {
		errs = append(errs, fmt.Errorf("--max-replays %d: must not be negative", r.choice.MaxReplays))
	}
	if r.choice.To == topic {
		errs = append(errs, fmt.Errorf("--to %s: is the topic of the dead letters", r.choice.To))
	}
	return errors.Join(errs...)
}

// ask wants the word of a person. Without --yes the plan is shown even where the result is
// for a program.
func (r *replaying) ask(c *cobra.Command, plan *replay.Plan) error {
	if r.yes {
		return nil
	}
	w := c.ErrOrStderr()
	if r.format.Name == output.TableFormat {
		w = c.OutOrStdout()
	}
	if err := printPlan(w, plan); err != nil {
		return err
	}
	fmt.Fprintf(w, "Put back %s? [y/N] ", output.Plural(int(plan.Letters), "letter"))
	answer, err := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	fmt.Fprintln(w)
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	if err != nil {
		return cli.UsageError{Err: errors.New("nothing was put back, as nobody answered: use --yes where nobody can")}
	}
	return errors.New("nothing was put back, as the answer was not y")
}

func (r *replaying) write(c *cobra.Command, job *replay.Replay) error {
	said := time.Now()
	job.Progress = func(n int64) {
		if time.Since(said) >= progressEvery {
			said = time.Now()
			fmt.Fprintf(c.ErrOrStderr(), "%s put back\n", output.Plural(int(n), "letter"))
		}
	}
	done, err := job.Run(c.Context())
	if err != nil {
		return r.interrupted(c.Context(), done, err)
	}
	return r.print(c.OutOrStdout(), done)
}

// interrupted says how far a replay has come.
func (r *replaying) interrupted(ctx context.Context, done *replay.Plan, err error) error {
	if done == nil {
		return err
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return fmt.Errorf("%s put back and remembered, then: %w", output.Plural(int(done.Letters), "letter"), err)
}

func (r *replaying) print(w io.Writer, plan *replay.Plan) error {
	if r.format.Name != output.TableFormat {
		return output.Write(w, r.format.Name, plan, output.Table{})
	}
	return printPlan(w, plan)
}

// printPlan says for a person what will be done, or was done.
func printPlan(w io.Writer, p *replay.Plan) error {
	t := output.Table{Header: []string{"TO", "LETTERS", "FIRST", "LAST"}, Empty: "No letters to put back."}
	for _, each := range p.Targets {
		t.Rows = append(t.Rows, []string{each.Topic, strconv.FormatInt(each.Letters, 10), timeText(each.First),
			timeText(each.Last)})
	}
	if err := output.Write(w, output.TableFormat, nil, t); err != nil {
		return err
	}
	for _, line := range notes(p) {
		if _, err := fmt.Fprintln(w, flags.Printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// notes are what stands below the table.
func notes(p *replay.Plan) []string {
	lines := []string{""}
	add := func(n int64, form string, args ...any) {
		if n > 0 {
			lines = append(lines, output.Plural(int(n), "letter")+fmt.Sprintf(form, args...))
		}
	}
	if p.Done {
		add(p.Letters, " put back.")
	}
	if p.Again > 0 && !p.Done {
		add(p.Again, " had been put back before and failed again, one of them %s.", times(p.MostReplays))
	}
	if !p.Done {
		add(p.Before, " put back before, as group %s remembers.", p.Group)
	}
	add(p.LeftOut, " left out, as the flags say.")
	for _, s := range p.Stuck {
		add(s.Letters, " left, such as %s: %s.", s.Example, s.Reason)
	}
	if p.Forgotten && !p.Done && p.Letters > 0 {
		lines = append(lines, "Group "+p.Group+" remembers nothing of the topic: letters that another group has put back, "+
			"or this one so long ago that Kafka has forgotten it, are put back again.")
	}
	if len(lines) == 1 {
		return nil
	}
	return lines
}
