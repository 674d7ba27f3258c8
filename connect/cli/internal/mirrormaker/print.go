package mirrormaker

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/internal/flags"
)

// Print prints what is wrong, what has no effect, and what would run. The error sums up what is wrong.
func (s *Setup) Print(w io.Writer) error {
	var b strings.Builder
	b.WriteString(s.Path + ": MirrorMaker 2\n")
	for _, p := range s.Problems {
		paragraph(&b, "error: "+p)
	}
	for _, each := range s.Warnings {
		paragraph(&b, "warning: "+each)
	}
	if len(s.Problems) == 0 {
		for _, f := range s.Flows {
			f.write(&b)
		}
	}
	sum := fmt.Sprintf("%s and %s, %s", command.Amount(len(s.Problems), "error"),
		command.Amount(len(s.Warnings), "warning"), command.Amount(len(s.Flows), "flow"))
	if _, err := io.WriteString(w, flags.Printable(b.String())); err != nil {
		return err
	}
	if len(s.Problems) > 0 {
		return command.Usage(errors.New(sum))
	}
	_, err := fmt.Fprintf(w, "\n%s\n", sum)
	return err
}

// write prints the worker and the connectors of a flow.
func (f *Flow) write(b *strings.Builder) {
	does := "mirrors topics"
	if !f.Mirrors {
		does = "writes heartbeats alone"
	}
	d := f.Worker.Distributed
	fmt.Fprintf(b, "\n%s: %s\n", f, does)
	paragraph(b, fmt.Sprintf("worker of %s: group %s, topics %s, %s, %s", f.Target, f.Worker.GroupID, d.ConfigTopic,
		f.Worker.OffsetTopic, d.StatusTopic))
	if f.Worker.ExactlyOnce {
		paragraph(b, "delivery: exactly once")
	}
	for _, c := range f.Connectors {
		b.WriteString("  " + c.Name + "\n")
		for _, key := range slices.Sorted(maps.Keys(c.Shown)) {
			if key != "name" {
				fmt.Fprintf(b, "    %s = %s\n", key, c.Shown[key])
			}
		}
	}
}

// paragraph writes a text below a title.
func paragraph(b *strings.Builder, text string) {
	lines := strings.Split(flags.Wrap(text, flags.Columns-4), "\n")
	b.WriteString("  " + strings.Join(lines, "\n    ") + "\n")
}
