package dlq

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/manifest"
	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/cmd/internal/dlq/letter"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/flags"
)

// show is suiro dlq show.
type show struct {
	search
	format session.Format
	limit  int
	bytes  int
	trace  bool
}

func newShow() *cobra.Command {
	var s show
	c := &cobra.Command{
		Use: "show TOPIC", Short: "Explain dead letters: where their records came from, why they failed, what is in them",
		Long: "Explain dead letters: where their records came from, why they failed, and what is in them. Without flags it " +
			"is the newest letter of each partition.\n\n" +
			"Keys and values are shown as they are, and may be secret. Headers that are called like secrets are hidden.",
		Example: `
suiro dlq show orders-rejected
suiro dlq show orders-rejected --partition 0 --offset 12 --trace
suiro dlq show orders-rejected --stage TASK_PUT --limit 5 -o json`,
		RunE: func(c *cobra.Command, args []string) error { return s.run(c, args[0]) },
	}
	s.define(c)
	s.format.Define(c)
	c.Flags().IntVar(&s.limit, "limit", 1, "Show this `number` of letters of each partition at most, the newest ones")
	c.Flags().IntVar(&s.bytes, "bytes", 2048, "Show this `number` of bytes at most of each key, value and header; 0 is all")
	c.Flags().BoolVar(&s.trace, "trace", false, "Show the stack traces, too")
	return about(c, &s.Flags)
}

// shown is a letter as it is printed.
type shown struct {
	Topic     string     `json:"topic"`
	Partition int32      `json:"partition"`
	Offset    int64      `json:"offset"`
	Time      time.Time  `json:"time"`
	Origin    origin     `json:"origin"`
	Connector string     `json:"connector,omitempty"`
	Task      string     `json:"task,omitempty"`
	Stage     string     `json:"stage,omitempty"`
	Class     string     `json:"class,omitempty"`
	Exception string     `json:"exception,omitempty"`
	Reason    string     `json:"reason,omitempty"`
	Facts     []fact     `json:"facts"`
	Trace     string     `json:"trace,omitempty"`
	Replays   int        `json:"replays"`
	PutBack   bool       `json:"putBack"`
	Obstacle  string     `json:"obstacle,omitempty"`
	Key       letterPart `json:"key"`
	Value     letterPart `json:"value"`
	Headers   []header   `json:"headers"`
}

type letterPart = letter.Payload

// origin is where a record came from.
type origin struct {
	Topic     string `json:"topic,omitempty"`
	Partition *int32 `json:"partition,omitempty"`
	Offset    *int64 `json:"offset,omitempty"`
}

// fact is a header that says more about the error.
type fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// header is one of the record's own.
type header struct {
	Key   string     `json:"key"`
	Value letterPart `json:"value"`
}

func (s *show) run(c *cobra.Command, topic string) error {
	if err := s.format.Check(); err != nil {
		return err
	}
	if s.limit < 1 || s.bytes < 0 {
		return cli.UsageError{Err: fmt.Errorf("--limit %d, --bytes %d: must be at least 1 and 0", s.limit, s.bytes)}
	}
	newest := map[int32][]*letter.Letter{}
	t, err := s.search.run(c, topic, func(l *letter.Letter) {
		kept := append(newest[l.Record.Partition], l)
		newest[l.Record.Partition] = kept[max(0, len(kept)-s.limit):]
	})
	if err != nil {
		return err
	}
	out := []shown{}
	for _, span := range t.Spans {
		for _, l := range newest[span.Partition] {
			out = append(out, s.of(l))
		}
	}
	if s.format.Name != output.TableFormat {
		return output.Write(c.OutOrStdout(), s.format.Name, out, output.Table{})
	}
	for _, each := range out {
		if err := each.print(c.OutOrStdout()); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), t)
	return err
}

func (s *show) of(l *letter.Letter) shown {
	out := shown{Topic: l.Record.Topic, Partition: l.Record.Partition, Offset: l.Record.Offset, Time: l.Time().UTC(),
		Origin: origin{Topic: l.Origin}, Connector: l.Connector, Task: l.Task, Stage: l.Stage, Class: l.Class,
		Exception: l.Exception, Reason: l.Reason, Facts: []fact{}, Replays: l.Replays, PutBack: s.back(l),
		Obstacle: l.Obstacle(false), Key: letter.Readable(l.Record.Key, s.bytes),
		Value: letter.Readable(l.Record.Value, s.bytes), Headers: []header{}}
	if l.Partition >= 0 && l.Offset >= 0 {
		out.Origin.Partition, out.Origin.Offset = &l.Partition, &l.Offset
	}
	if s.trace {
		out.Trace = l.Trace
	}
	for _, h := range l.Facts {
		out.Facts = append(out.Facts, fact{h.Key, string(h.Value)})
	}
	for _, h := range l.Own {
		value := letter.Readable(h.Value, s.bytes)
		if manifest.LooksSecret(h.Key) {
			value = letter.Readable([]byte(manifest.Hidden), 0)
		}
		out.Headers = append(out.Headers, header{h.Key, value})
	}
	return out
}

// print writes the letter for a person.
func (s *shown) print(w io.Writer) error {
	fmt.Fprintf(w, "%s-%d@%d\n", flags.Printable(s.Topic), s.Partition, s.Offset)
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	line := func(name, text string) {
		if text != "" {
			text = strings.ReplaceAll(flags.Printable(strings.TrimSpace(text)), "\t", " ")
			fmt.Fprintf(t, "  %s\t%s\n", name, strings.ReplaceAll(text, "\n", "\n  \t"))
		}
	}
	line("origin", s.Origin.text())
	line("time", s.Time.Format(time.RFC3339Nano))
	if s.Connector != "" {
		line("connector", s.Connector+", task "+cmp.Or(s.Task, "unknown"))
	}
	line("stage", s.Stage)
	line("class", s.Class)
	line("exception", s.Exception)
	line("reason", cmp.Or(s.Reason, "unknown"))
	for _, f := range s.Facts {
		line(flags.Printable(f.Name), f.Value)
	}
	line("trace", s.Trace)
	if s.Replays > 0 {
		line("replays", "put back "+times(s.Replays)+", and failed again")
	}
	if s.PutBack {
		line("put back", "yes, by suiro dlq replay")
	}
	line("note", s.Obstacle)
	line("key", s.Key.String())
	line("value", s.Value.String())
	for _, h := range s.Headers {
		line("header", h.Key+": "+h.Value.String())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func (o origin) text() string {
	switch {
	case o.Topic == "":
		return "unknown"
	case o.Offset == nil:
		return o.Topic + ", for which a source made it"
	}
	return fmt.Sprintf("%s-%d@%d", o.Topic, *o.Partition, *o.Offset)
}
