package bench

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// Rate is what records cost and how fast they went.
type Rate struct {
	// CPU is the user and system time of a record, in microseconds.
	CPU float64
	// Speed is in records a second.
	Speed float64
}

// Between returns the rate from one sample to another. It has no numbers when nothing was done
// in between.
func Between(from, to Sample) Rate {
	n := float64(to.Done - from.Done)
	if n == 0 {
		return Rate{math.NaN(), math.NaN()}
	}
	return Rate{CPU: float64((to.CPU - from.CPU).Microseconds()) / n, Speed: n / to.At.Sub(from.At).Seconds()}
}

// String returns the rate for people.
func (r Rate) String() string {
	return fmt.Sprintf("%6.2f µs/record CPU  %8.0f records/s", r.CPU, r.Speed)
}

// Median returns the middle of values, of which there must be one.
func Median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return s[len(s)/2]
}

// Table holds the figures of programs in all rounds, and prints their medians. The zero
// value is empty. The order of rows and columns is the one in which they were first added.
type Table struct {
	rows     []*row
	programs []string
}

type row struct {
	part, figure string
	values       map[string][]float64 // by program
}

// Add adds one round's figure of a program. Part says what was run. What is not a number is
// left out.
func (t *Table) Add(part, figure, program string, value float64) {
	if math.IsNaN(value) {
		return
	}
	if !slices.Contains(t.programs, program) {
		t.programs = append(t.programs, program)
	}
	i := slices.IndexFunc(t.rows, func(r *row) bool { return r.part == part && r.figure == figure })
	if i < 0 {
		i, t.rows = len(t.rows), append(t.rows, &row{part, figure, map[string][]float64{}})
	}
	t.rows[i].values[program] = append(t.rows[i].values[program], value)
}

// Print writes a line for each figure with the medians of all programs and, where there are
// two, the ratio of the first one's to the second one's.
func (t *Table) Print(w io.Writer) {
	fmt.Fprintf(w, "\n%-10s %-28s", "", "median")
	for _, p := range t.programs {
		fmt.Fprintf(w, " %13s", p)
	}
	if len(t.programs) == 2 {
		fmt.Fprintf(w, "  %s ÷ %s", t.programs[0], t.programs[1])
	}
	fmt.Fprintln(w)
	for _, r := range t.rows {
		fmt.Fprintf(w, "%-10s %-28s", r.part, r.figure)
		var medians []float64
		for _, p := range t.programs {
			if len(r.values[p]) == 0 {
				fmt.Fprintf(w, " %13s", "-")
				continue
			}
			m := Median(r.values[p])
			medians = append(medians, m)
			fmt.Fprintf(w, " %13.*f", digits(m), m)
		}
		if len(t.programs) == 2 && len(medians) == 2 {
			fmt.Fprintf(w, "  %.3f", medians[0]/medians[1])
		}
		fmt.Fprintln(w)
	}
}

// digits are as many as say something.
func digits(v float64) int {
	switch {
	case v < 1:
		return 3
	case v < 100:
		return 2
	}
	return 0
}
