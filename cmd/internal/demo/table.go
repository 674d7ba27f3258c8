package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// row is a line of the table.
type row struct {
	stage             string
	in, out, rejected int64
	waiting           int64 // not yet processed, after an interruption
	what              string
	// uncounted is why the line cannot be checked.
	uncounted error
}

// missing is how many records are not accounted for; negative are too many.
func (r row) missing() int64 { return r.in - r.out - r.rejected - r.waiting }

// trouble says what is wrong with the row, "" when it adds up.
func (r row) trouble() string {
	switch n := r.missing(); {
	case r.uncounted != nil:
		return fmt.Sprintf("%s: %v", r.stage, r.uncounted)
	case n == 1:
		return r.stage + ": 1 record is missing"
	case n > 1:
		return fmt.Sprintf("%s: %s records are missing", r.stage, number(n))
	case n == -1:
		return r.stage + ": there is 1 record too many"
	case n < 0:
		return fmt.Sprintf("%s: there are %s records too many", r.stage, number(-n))
	}
	return ""
}

// count makes the table.
func (d *demo) count(ctx context.Context) ([]row, error) {
	if err := d.tally.catchUp(ctx); err != nil {
		return nil, err
	}
	s, err := d.sample(ctx)
	if err != nil {
		return nil, err
	}
	var table []row
	for i, stage := range d.list {
		r := row{stage: stage.name, rejected: s.stages[i].rejected}
		if stage.group == "" {
			d.countInput(ctx, &r)
		} else {
			r.in, r.waiting = d.tally.records(stage.inputs[0]), s.stages[i].lag
		}
		out, err := stage.out(ctx)
		r.out, r.what = out.n, out.what
		if err != nil && r.uncounted == nil {
			r.uncounted = err
		}
		table = append(table, r)
	}
	return table, nil
}

// countInput counts the lines: those of earlier runs that are in Kafka, and
// those of this run's input. What of it has not been read is waiting.
func (d *demo) countInput(ctx context.Context, r *row) {
	var lines int64
	var err error
	if d.input == standardInput {
		lines, err = d.linesOfStdin(ctx)
	} else {
		lines, r.waiting, err = d.linesOfFile()
	}
	r.in, r.uncounted = d.earlier+lines, err
}

func (d *demo) linesOfStdin(ctx context.Context) (int64, error) {
	if d.cutOff {
		return 0, errors.New("the standard input was cut off, so its lines cannot be counted")
	}
	return d.lines.wait(ctx)
}

// linesOfFile counts the lines that were there at the beginning, and those
// that were written since and that the source came to see.
func (d *demo) linesOfFile() (all, waiting int64, err error) {
	at, err := d.position()
	if err != nil {
		return 0, 0, err
	}
	end := max(d.size, at)
	if all, err = countFile(d.input, d.from, end); err == nil && d.cutOff {
		waiting, err = countFile(d.input, at, end)
	}
	return all, waiting, err
}

// print writes the table with its columns below one another.
func (d *demo) print(table []row) {
	head := []string{"stage", "records in", "out", "rejected", "waiting", "counted as out"}
	lines := [][]string{head}
	waiting := false
	for _, r := range table {
		in, out := number(r.in), number(r.out)
		if r.uncounted != nil {
			out = "?"
		}
		mark := ""
		if r.trouble() != "" {
			mark = " ✗"
		}
		lines = append(lines, []string{r.stage, in, out, number(r.rejected), number(r.waiting), r.what + mark})
		waiting = waiting || r.waiting != 0
	}
	if !waiting { // the usual case needs no such column
		for i, l := range lines {
			lines[i] = append(l[:4:4], l[5:]...)
		}
	}
	d.screen.println()
	for i, l := range aligned(lines) {
		if i == 0 {
			l = d.screen.bold(l)
		}
		d.screen.println("  " + l)
	}
	d.screen.println()
}

// aligned pads columns: the first and last to the left, numbers to the right.
func aligned(lines [][]string) []string {
	width := make([]int, len(lines[0]))
	for _, l := range lines {
		for i, cell := range l {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	out := make([]string, len(lines))
	for n, l := range lines {
		var b strings.Builder
		for i, cell := range l {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			switch i {
			case 0:
				b.WriteString(cell + pad)
			case len(l) - 1:
				b.WriteString("   " + cell)
			default:
				b.WriteString("  " + pad + cell)
			}
		}
		out[n] = b.String()
	}
	return out
}
