package demo

import (
	"fmt"

	"github.com/suiro/suiro/cmd/internal/demo/screen"
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
		return fmt.Sprintf("%s: %s records are missing", r.stage, screen.Number(n))
	case n == -1:
		return r.stage + ": there is 1 record too many"
	case n < 0:
		return fmt.Sprintf("%s: there are %s records too many", r.stage, screen.Number(-n))
	}
	return ""
}

// tableLines formats rows in aligned columns, headings first.
func tableLines(table []row) []string {
	lines := [][]string{{"stage", "records in", "out", "rejected", "waiting", "counted as out"}}
	waiting := false
	for _, r := range table {
		in, out := screen.Number(r.in), screen.Number(r.out)
		if r.uncounted != nil {
			out = "?"
		}
		mark := ""
		if r.trouble() != "" {
			mark = " ✗"
		}
		lines = append(lines, []string{r.stage, in, out, screen.Number(r.rejected), screen.Number(r.waiting),
			r.what + mark})
		waiting = waiting || r.waiting != 0
	}
	if !waiting { // usually the column would hold zeros only
		for i, l := range lines {
			lines[i] = append(l[:4:4], l[5:]...)
		}
	}
	return screen.Aligned(lines)
}
