package trial

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/cli/internal/samples"
	"github.com/suiro/suiro/connect/worker/dryrun"
	"github.com/suiro/suiro/internal/flags"
)

// dryRunFlags are the flags of suiro connect dry-run.
type dryRunFlags struct {
	check.Flags
	input, form, topic string
}

// NewDryRun returns the command that shows what records become.
func NewDryRun(plugins connect.Plugins) *cobra.Command {
	var f dryRunFlags
	c := &cobra.Command{
		Use:        "dry-run [--config worker.properties] connector.json --input records.jsonl",
		Short:      "Show what records become in a connector, without Kafka and its outside system",
		SuggestFor: []string{"dryrun", "try", "preview", "simulate", "playground"},
		Long: `Show what records become in a connector, at each stage, as suiro ctl tap shows it for one that runs. The ` +
			`records pass the converters, predicates and transforms that a worker makes of the same files. Brokers and the ` +
			`connector's outside system are not connected to, and nothing is written.

Each line of the input is a record in JSON, {"key": "a", "value": {"order": 1}}, or the text of a value. A record may ` +
			`also have topic, partition, offset, timestamp, headers, key_base64 and value_base64. For a sink, a JSON string ` +
			`stands for its text in Kafka, and any other JSON for itself. For a source, the value is what its task reads: ` +
			`data without a schema, or with one when it is {"schema": ..., "payload": ...} as the JsonConverter has it.

The converters of a sink read schemas from the schema registry that their configuration names; those of a source ` +
			`register schemas in memory alone. Fields of the worker's rest.tap.mask.fields and secrets of the configuration ` +
			`are hidden. Keys and values of a sink are decoded even where its task would not look at them.

Without --config the connector's file has to name key.converter and value.converter. The exit code is 1 when a record ` +
			`was rejected and errors.tolerance is none, or when something did not answer.`,
		Example: `
suiro connect dry-run --config worker.properties sink.json --input records.jsonl
suiro connect dry-run --config worker.properties source.json --input - < access.ltsv
suiro connect dry-run sink.json --input records.jsonl -o json`,
		Args: oneConnectorFile,
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, plugins, args[0]) },
	}
	f.Define(c, "a line for each record")
	c.Flags().StringVar(&f.input, "input", "", "Read records from this `file`; - is the standard input")
	c.Flags().StringVar(&f.form, "input-format", samples.Auto,
		"Read the input in this `form`: records, lines, or auto, which tells by the first line")
	c.Flags().StringVar(&f.topic, "topic", "", "The `topic` of records that name none (default the connector's first)")
	_ = c.RegisterFlagCompletionFunc("input-format", // the flag exists
		cobra.FixedCompletions([]string{samples.Auto, samples.Records, samples.Lines}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// oneConnectorFile wants the file of one connector.
func oneConnectorFile(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s needs the file of one connector, and got %s", c.CommandPath(),
			command.Amount(len(args), "argument"))
	}
	return nil
}

func (f *dryRunFlags) execute(c *cobra.Command, plugins connect.Plugins, file string) error {
	if err := f.check(); err != nil {
		return command.Usage(err)
	}
	in := io.NopCloser(c.InOrStdin())
	if f.input != "-" {
		var err error
		if in, err = os.Open(f.input); err != nil {
			return command.Usage(fmt.Errorf("--input: %w", err))
		}
	}
	defer func() { _ = in.Close() }() // it was only read
	t, err := openTrial(plugins, f.Path(), file)
	if err != nil {
		return err
	}
	if f.topic != "" {
		t.defaults.Topic = f.topic
	}
	t.defaults.Name = f.input
	p := &dryRunPrinter{out: c.OutOrStdout(), json: f.Output.JSON(), counts: map[string]int{}}
	err = p.all(c, t, samples.NewReader(in, f.form))
	return errors.Join(err, t.Close())
}

func (f *dryRunFlags) check() error {
	if err := f.Flags.Check(); err != nil {
		return err
	}
	switch f.form {
	case samples.Auto, samples.Records, samples.Lines:
	default:
		return fmt.Errorf("--input-format %s: must be auto, records or lines", f.form)
	}
	if f.input == "" {
		return errors.New("--input is needed: a file with records, or - for the standard input")
	}
	return nil
}

// dryRunPrinter prints what became of records.
type dryRunPrinter struct {
	out    io.Writer
	json   bool
	number int            // of the last record
	counts map[string]int // of records, by outcome
}

// dryRunJSON is a record as programs read it.
type dryRunJSON struct {
	Record int `json:"record"`
	Line   int `json:"line"`
	dryrun.Result
}

// all runs and prints all records. The error says that the task would have failed, or that
// a line is no record.
func (p *dryRunPrinter) all(c *cobra.Command, t *trial, in *samples.Reader) error {
	for c.Context().Err() == nil {
		s, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return command.Usage(fmt.Errorf("--input: %w", err))
		}
		result, err := t.try(c.Context(), s)
		if err != nil {
			return command.Usage(fmt.Errorf("--input: line %d: %w%s", s.Line, err, topicFlagHelps(err)))
		}
		p.number++
		p.counts[result.Outcome]++
		if err := p.print(s.Line, result); err != nil {
			return err
		}
	}
	if !p.json {
		if _, err := fmt.Fprintln(p.out, p.sum(t)); err != nil {
			return err
		}
	}
	switch n := p.counts[dryrun.Rejected]; {
	case p.counts[dryrun.Unknown] > 0:
		return fmt.Errorf("what becomes of %s is not known: something that the connector needs does not answer",
			command.Amount(p.counts[dryrun.Unknown], "record"))
	case n > 0 && !t.plan.Tolerance.All:
		return fmt.Errorf("%s rejected, and errors.tolerance is none: the task would fail", command.Amount(n, "record"))
	}
	return nil
}

// topicFlagHelps says that --topic gives records the topic that they lack, or "".
func topicFlagHelps(err error) string {
	if errors.Is(err, samples.ErrNoTopic) {
		return ", or all of them one with --topic"
	}
	return ""
}

func (p *dryRunPrinter) print(line int, r dryrun.Result) error {
	if p.json {
		e := json.NewEncoder(p.out)
		e.SetEscapeHTML(false)
		return e.Encode(dryRunJSON{p.number, line, r})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "record %d   line %d\n", p.number, line)
	rows := [][2]string{}
	for _, s := range r.Stages {
		rows = append(rows, [2]string{s.Name(), s.Text()})
	}
	if r.Rejection != nil {
		rows = append(rows, [2]string{r.Outcome, rejection(r)})
	}
	width := 0
	for _, row := range rows {
		width = max(width, utf8.RuneCountInString(row[0]))
	}
	for _, row := range rows {
		line := fmt.Sprintf("  %-*s  %s", width, flags.Printable(row[0]), flags.Printable(row[1]))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}

// rejection says where and why a record was rejected.
func rejection(r dryrun.Result) string {
	return fmt.Sprintf("at %s by %s: %s", r.Rejection.Stage, command.Simple(r.Rejection.Class), r.Rejection.Reason)
}

// sum sums up what became of the records.
func (p *dryRunPrinter) sum(t *trial) string {
	parts := []string{}
	for _, outcome := range []string{dryrun.Passed, dryrun.Dropped, dryrun.Rejected, dryrun.Unknown} {
		n := p.counts[outcome]
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("%d %s", n, outcome)
		if outcome == dryrun.Rejected {
			text += " (" + t.rejected() + ")"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "no records"
	}
	return fmt.Sprintf("%s: %s", command.Amount(p.number, "record"), strings.Join(parts, ", "))
}
