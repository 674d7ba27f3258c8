package see

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

const (
	// tapWait is how long a worker waits for records before it is asked again.
	tapWait = 5 * time.Second
	// tapMost is how many records a worker is asked for at a time.
	tapMost = 20
)

// tapStages are those of both sides.
var tapStages = []string{api.StagePolled, api.StageConsumed, api.StageConverted, api.StageTransformed}

// tap is suiro ctl tap.
type tap struct {
	stage  string
	task   int
	limit  int
	format string

	out     io.Writer
	printed int // records
}

func newTap(s *session.Session) *cobra.Command {
	var t tap
	c := &cobra.Command{
		Use: "tap CONNECTOR", Short: "Show records on their way through a connector, at each stage",
		Args: session.OneConnector,
		Long: "Show records on their way through a connector, at each stage. A source's are shown as the task polled them, " +
			"after each transform, and as converted for Kafka; a sink's as consumed from Kafka, as converted, and after each transform. " +
			"It ends with --limit records or Ctrl-C.\n\n" +
			"A few records a second are shown, and not every one. Only workers of Suiro have it, when their properties have " +
			"rest.tap.enable=true; where they ask who calls, it needs the role admin. They hide secrets and the fields of " +
			"rest.tap.mask.fields.",
		Example: "suiro ctl tap orders\nsuiro ctl tap orders --stage converted --limit 1 -o json",
		ValidArgsFunction: func(c *cobra.Command, args []string, in string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return s.ConnectorNames(c, args, in)
		},
		RunE: func(c *cobra.Command, args []string) error { return t.run(s, c, args[0]) },
	}
	c.Flags().StringVar(&t.stage, "stage", "", "Show this `stage` alone: polled, consumed, converted or transformed")
	c.Flags().IntVar(&t.task, "task", -1, "Show the records of the task with this `number` alone (default all)")
	c.Flags().IntVar(&t.limit, "limit", 10, "End after this `number` of records; 0 goes on until Ctrl-C")
	c.Flags().StringVarP(&t.format, "output", "o", output.TableFormat,
		"Print in this `format`: table, for people, or json, a line for each stage of a record")
	for flag, values := range map[string][]string{"stage": tapStages, "output": {output.TableFormat, output.JSON}} {
		_ = c.RegisterFlagCompletionFunc(flag, // the flag exists
			cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func (t *tap) run(s *session.Session, c *cobra.Command, connector string) error {
	switch {
	case t.stage != "" && !slices.Contains(tapStages, t.stage):
		return cli.UsageError{Err: fmt.Errorf("--stage %s: must be one of %s", flags.Printable(t.stage),
			strings.Join(tapStages, ", "))}
	case t.format != output.TableFormat && t.format != output.JSON:
		return cli.UsageError{Err: fmt.Errorf("-o %s: must be table or json", flags.Printable(t.format))}
	case t.limit < 0:
		return cli.UsageError{Err: fmt.Errorf("--limit %d: must not be negative", t.limit)}
	}
	target, err := s.Target(c)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	t.out = c.OutOrStdout()
	ask := &tapRound{tap: t, session: s, command: c, target: target, connector: connector}
	first, silent := true, true
	for t.limit == 0 || t.printed < t.limit {
		n := t.printed
		err := ask.do(c.Context())
		switch {
		case c.Context().Err() != nil:
			return nil
		case err != nil:
			return err
		}
		silent = silent && t.printed == n
		if first && silent {
			fmt.Fprintf(c.ErrOrStderr(), "No record has come in %v; waiting for some, until Ctrl-C.\n", tapWait)
		}
		first = false
	}
	return nil
}

// print writes stages, those of a record below its number.
func (t *tap) print(stages []api.TappedRecord) error {
	last := 0
	for _, r := range stages {
		if r.Record != last {
			last = r.Record
			t.printed++
			if t.limit > 0 && t.printed > t.limit {
				t.printed = t.limit
				return nil // of another worker
			}
			if t.format == output.TableFormat {
				fmt.Fprintf(t.out, "record %d   task %d   %s\n", t.printed, r.Task, r.Time.Local().Format("15:04:05.000"))
			}
		}
		r.Record = t.printed
		if err := t.printStage(r); err != nil {
			return err
		}
	}
	return nil
}

func (t *tap) printStage(r api.TappedRecord) error {
	if t.format == output.JSON {
		e := json.NewEncoder(t.out)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	line := fmt.Sprintf("  %-12s %s", flags.Printable(r.Name()), flags.Printable(r.Text()))
	_, err := fmt.Fprintln(t.out, strings.TrimRight(line, " "))
	return err
}
