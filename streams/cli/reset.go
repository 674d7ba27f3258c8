package cli

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/streams/app"
)

// target are the flags that say where the app begins to read, by the names of Kafka's
// own tool. One may be given.
type target struct {
	earliest, latest   bool
	datetime, duration string
	offset, shift      int64
	force, dry         bool
	topics             []string
}

// resetCommand returns the command that sets the app back.
func resetCommand(p Program, def *config.Def) *cobra.Command {
	var g given
	var to target
	c := &cobra.Command{
		Use: "reset", Short: "Begin again: move the offsets of the input topics, delete internal topics and local state",
		Args: flags.NoArgs,
		Long: "Begin again when the app is started next. The offsets of the topics that the app reads are moved, its " +
			"repartition topics and changelogs are deleted, and so is its state folder on this machine. Stop all instances " +
			"first, and run the command on each machine that has state. Output topics stay as they are: the app writes its " +
			"results a second time. The command takes all flags of the app, see --help-all.",
		Example: p.Name + " reset --bootstrap-servers localhost:9092 --input-topic in --dry-run\n" +
			p.Name + " reset --config client.properties --to-datetime 2026-01-31T08:00:00Z",
		RunE: func(c *cobra.Command, _ []string) error { return reset(c, p, def, g, to) },
	}
	to.define(c)
	p.defineFor(c, def, &g, "bootstrap.servers", "security.protocol", "application.id", "state.dir", "input.topic")
	return c
}

// define makes the flags of the target.
func (t *target) define(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&t.earliest, "to-earliest", false, "Begin with the first record of each partition (the default)")
	f.BoolVar(&t.latest, "to-latest", false, "Begin behind the last record of each partition")
	f.StringVar(&t.datetime, "to-datetime", "", "Begin with the first record of this `time` or later, such as "+
		"2026-01-31T08:00:00Z; without a zone it is UTC")
	f.StringVar(&t.duration, "by-duration", "", "Begin with the first record of so long ago: a `duration` such as 36h, "+
		"or P1DT12H")
	f.Int64Var(&t.offset, "to-offset", 0, "Begin with this `offset` in each partition")
	f.Int64Var(&t.shift, "shift-by", 0, "Begin so many `records` behind the committed offset, or before it with a minus")
	f.BoolVar(&t.force, "force", false, "Remove members from the group, such as those of a process that was killed")
	f.BoolVar(&t.dry, "dry-run", false, "Only show what would be done")
	f.StringSliceVar(&t.topics, "internal-topics", nil, "Delete these `topics` too, which an earlier version of the app "+
		"has made")
	c.MarkFlagsMutuallyExclusive("to-earliest", "to-latest", "to-datetime", "by-duration", "to-offset", "shift-by")
	flags.Group(c, "What is reset", "to-earliest", "to-latest", "to-datetime", "by-duration", "to-offset", "shift-by",
		"internal-topics", "force", "dry-run")
}

// position returns where the app begins to read, at a moment. given reports whether a
// flag was given.
func (t target) position(given func(flag string) bool, now time.Time) (app.Position, error) {
	switch {
	case t.latest:
		return app.Latest(), nil
	case given("to-datetime"):
		at, err := parseTime(t.datetime)
		return app.At(at), err
	case given("by-duration"):
		d, err := parseDuration(t.duration)
		return app.At(now.Add(-d)), err
	case given("to-offset") && t.offset < 0:
		return app.Position{}, fmt.Errorf("--to-offset %d: must be at least 0", t.offset)
	case given("to-offset"):
		return app.Offset(t.offset), nil
	case given("shift-by"):
		return app.Shift(t.shift), nil
	}
	return app.Earliest(), nil
}

// parseTime reads a time as Kafka's tool does.
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.999Z0700", "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--to-datetime %s: is not a time such as 2026-01-31T08:00:00Z", text)
}

// isoDuration is a duration of days or less in ISO 8601.
var isoDuration = regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// parseDuration reads a duration as Go or as ISO 8601 writes it.
func parseDuration(text string) (time.Duration, error) {
	wrong := fmt.Errorf("--by-duration %s: is not a duration such as 36h or P1DT12H", text)
	goText := text
	if parts := isoDuration.FindStringSubmatch(strings.ToUpper(text)); parts != nil {
		days, err := strconv.ParseInt("0"+parts[1], 10, 32)
		if err != nil {
			return 0, wrong
		}
		goText = fmt.Sprintf("%dh0%sh0%sm0%ss", days*24, parts[2], parts[3], parts[4])
	}
	d, err := time.ParseDuration(goText)
	if err != nil || d < 0 || strings.EqualFold(text, "P") {
		return 0, wrong
	}
	return d, nil
}

// reset runs the command.
func reset(c *cobra.Command, p Program, def *config.Def, g given, t target) error {
	if g.all {
		return helpAll(c, def)
	}
	to, err := t.position(c.Flags().Changed, time.Now())
	if err != nil {
		return usageError{err}
	}
	m, err := p.make(c, def, g)
	if err != nil {
		return err
	}
	r, err := m.app.Reset(c.Context(), &app.ResetOptions{To: to, Force: t.force, DryRun: t.dry, Topics: t.topics})
	if err != nil {
		return err
	}
	return errors.Join(printReset(c.OutOrStdout(), r, t.dry), note(c.ErrOrStderr(), p.Name, r))
}

// printReset writes what was done, or would be.
func printReset(out io.Writer, r *app.ResetReport, dry bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(r.Moves) > 0 {
		fmt.Fprintln(w, "TOPIC\tPARTITION\tOFFSET\tNEW OFFSET")
	}
	for _, m := range r.Moves {
		from := "none"
		if m.From >= 0 {
			from = strconv.FormatInt(m.From, 10)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\n", m.Topic, m.Partition, from, m.To)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	verb := "deleted"
	if dry {
		verb = "would delete"
	}
	for _, topic := range r.Deleted {
		fmt.Fprintf(out, "%s topic %s\n", verb, topic)
	}
	if r.State != "" {
		fmt.Fprintf(out, "%s the state in %s\n", verb, r.State)
	}
	return nil
}

// note says which topics stay although they look like the app's.
func note(out io.Writer, name string, r *app.ResetReport) error {
	if len(r.Others) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "%s: these topics have names as the app's internal topics have, but the app does not use "+
		"them: %s. If an earlier version of the app has made them, delete them with --internal-topics %s\n", name,
		strings.Join(r.Others, ", "), strings.Join(r.Others, ","))
	return err
}
