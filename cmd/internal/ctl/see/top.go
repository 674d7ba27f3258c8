package see

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/rates"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

// topFlags are the flags of suiro ctl top.
type topFlags struct {
	watch   session.Watch
	tasks   bool
	sort    string
	metrics []string
}

// sorts are what top can sort by.
var sorts = []string{"name", "records", "lag"}

func newTop(s *session.Session) *cobra.Command {
	var f topFlags
	c := &cobra.Command{
		Use: "top", Short: "Show what connectors do now: states, records and bytes a second, lag", Args: flags.NoArgs,
		Long: "Show what connectors do now: states, records and bytes a second, lag. It goes on until Ctrl-C.\n\n" +
			"Rates and lag come from /metrics of the workers that run the tasks, which Suiro's have. Java workers need an " +
			"exporter that serves their metrics under Kafka Connect's names, and --metrics-url.",
		Example: "suiro ctl top --sort lag\nsuiro ctl top --metrics-url http://connect-1:9404/metrics --tasks",
		RunE:    func(c *cobra.Command, _ []string) error { return f.run(s, c) },
	}
	f.watch.On = true
	f.watch.DefineInterval(c)
	c.Flags().BoolVar(&f.tasks, "tasks", false, "Show each task in a line of its own")
	c.Flags().StringVar(&f.sort, "sort", "name", "Sort by `name`, records or lag")
	c.Flags().IntVar(&f.watch.Count, "count", 0, "End after this `number` of looks (default none)")
	c.Flags().StringSliceVar(&f.metrics, "metrics-url", nil,
		"The `URLs` of further pages of metrics, as exporters of Java workers serve them")
	_ = c.RegisterFlagCompletionFunc("sort", // the flag exists
		cobra.FixedCompletions(sorts, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (f *topFlags) run(s *session.Session, c *cobra.Command) error {
	if !slices.Contains(sorts, f.sort) {
		return cli.UsageError{Err: fmt.Errorf("--sort %s: must be name, records or lag", f.sort)}
	}
	target, err := s.Target(c)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	cl, err := s.ClientOf(c, target)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	pages, err := newPages(f.metrics, target.URLs[0], func(url string) (*client.Client, error) {
		alone := target
		alone.URLs = []string{url}
		return s.ClientOf(c, alone)
	})
	if err != nil {
		return cli.UsageError{Err: err}
	}
	var last look
	return f.watch.Run(c, func(w io.Writer) error {
		ctx, cancel := context.WithTimeout(c.Context(), s.Timeout)
		defer cancel()
		now, err := takeLook(ctx, cl, pages)
		if err != nil {
			return err
		}
		defer func() { last = now }()
		return f.print(w, now, last)
	})
}

// look is what there was at a time.
type look struct {
	at         time.Time
	connectors map[string]api.ExpandedConnector
	counts     map[api.TaskID]rates.Counts
}

func takeLook(ctx context.Context, cl *client.Client, p *pages) (look, error) {
	all, err := cl.Expanded(ctx, "status")
	if err != nil {
		return look{}, err
	}
	l := look{connectors: all, counts: p.read(ctx, all), at: time.Now()}
	return l, nil
}

// line is a line of the screen: a connector with all its tasks, or one task.
type line struct {
	name, kind, state, tasks string
	counts                   rates.Counts
	rate                     *rates.Rate
}

// print writes what there is now, with rates since the last look.
func (f *topFlags) print(w io.Writer, now, last look) error {
	lines := now.lines(last, f.tasks)
	slices.SortStableFunc(lines, func(a, b line) int {
		switch f.sort {
		case "lag":
			return cmp.Compare(b.counts.Lag, a.counts.Lag)
		case "records":
			return cmp.Compare(b.records(), a.records())
		}
		return 0
	})
	t := output.Table{Header: []string{"NAME", "TYPE", "STATE", "TASKS", "RECORDS/S", "BYTES/S", "LAG"},
		Empty: "There are no connectors."}
	for _, l := range lines {
		records, size, lag := unknown, unknown, unknown
		if l.rate != nil {
			records, size = fmt.Sprintf("%.0f", l.rate.Records), short(l.rate.Bytes)
		}
		if l.counts.HasLag {
			lag = fmt.Sprintf("%.0f", l.counts.Lag)
		}
		t.Rows = append(t.Rows, []string{l.name, l.kind, l.state, l.tasks, records, size, lag})
	}
	failed, tasks := 0, 0
	for _, e := range now.connectors {
		if e.Status != nil {
			tasks += len(e.Status.Tasks)
		}
		if isIn(e, string(api.Failed)) {
			failed++
		}
	}
	fmt.Fprintf(w, "%s   %s, %s, %d failed\n\n", now.at.Format(time.TimeOnly),
		output.Plural(len(now.connectors), "connector"), output.Plural(tasks, "task"), failed)
	return output.Write(w, output.TableFormat, nil, t)
}

func (l line) records() float64 {
	if l.rate == nil {
		return -1
	}
	return l.rate.Records
}

// lines are those of all connectors by name, and with tasks one for each task too.
func (l look) lines(last look, tasks bool) (out []line) {
	for _, name := range slices.Sorted(maps.Keys(l.connectors)) {
		status := l.connectors[name].Status
		if status == nil {
			out = append(out, line{name: name, kind: unknown, state: unknown, tasks: unknown})
			continue
		}
		ids := make([]api.TaskID, len(status.Tasks))
		for i, t := range status.Tasks {
			ids[i] = api.TaskID{Connector: name, Task: t.ID}
		}
		whole := l.line(last, ids)
		whole.name, whole.kind = name, string(status.Type)
		whole.state, whole.tasks = string(status.Connector.State), output.Tally(status.Tasks)
		out = append(out, whole)
		for i, t := range status.Tasks {
			if tasks {
				of := l.line(last, ids[i:i+1])
				of.name, of.state, of.tasks = fmt.Sprintf("  task %d", t.ID), string(t.State), t.WorkerID
				out = append(out, of)
			}
		}
	}
	return out
}

// line sums up what tasks have counted, and what they do now.
func (l look) line(last look, ids []api.TaskID) (out line) {
	var rate rates.Rate
	for _, id := range ids {
		now, known := l.counts[id]
		out.counts.Add(now)
		before, had := last.counts[id]
		if known && had && l.at.After(last.at) {
			r := rates.Between(before, now, l.at.Sub(last.at))
			rate.Records += r.Records
			rate.Bytes += r.Bytes
			out.rate = &rate
		}
	}
	return out
}

// short is a number of bytes for a narrow column.
func short(n float64) string {
	for _, unit := range []string{"B", "KiB", "MiB"} {
		if n < 1024 {
			return strings.Replace(fmt.Sprintf("%.1f %s", n, unit), ".0 ", " ", 1)
		}
		n /= 1024
	}
	return fmt.Sprintf("%.1f GiB", n)
}
