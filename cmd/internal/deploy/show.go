package deploy

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/suiro/suiro/internal/flags"
)

// shown is how an action is shown: its sign and what is said of the connector.
var shown = map[action]struct{ sign, word, sum string }{
	remove: {"-", "delete", "to delete"},
	change: {"~", "change", "to change"},
	create: {"+", "create", "to create"},
	keep:   {" ", "unchanged", "unchanged"},
	ignore: {" ", "not in the files, left alone", "left alone"},
}

// write prints the plan for people.
func (p *plan) write(w io.Writer) error {
	var b strings.Builder
	count := map[action]int{}
	for _, s := range p.Steps {
		count[s.Action]++
		writeStep(&b, s)
	}
	var sums []string
	for _, a := range []action{create, change, remove, keep, ignore} {
		if n := count[a]; n > 0 {
			sums = append(sums, fmt.Sprintf("%d %s", n, shown[a].sum))
		}
	}
	switch {
	case p.todo():
		fmt.Fprintf(&b, "\nPlan: %s\n", strings.Join(sums, ", "))
	default:
		fmt.Fprintf(&b, "\nNothing to do: %s\n", strings.Join(sums, ", "))
	}
	_, err := io.WriteString(w, flags.Printable(b.String()))
	return err
}

func writeStep(b *strings.Builder, s *step) {
	as := shown[s.Action]
	fmt.Fprintf(b, "%s %s: %s", as.sign, s.Connector, as.word)
	if s.File != "" {
		fmt.Fprintf(b, " (%s)", s.File)
	}
	b.WriteByte('\n')
	for _, c := range s.Changes {
		fmt.Fprintf(b, "    %s\n", c)
	}
	if len(s.Hidden) > 0 {
		fmt.Fprintf(b, "    not compared, as the worker does not show secrets: %s\n", strings.Join(s.Hidden, ", "))
	}
	for _, each := range s.Errors {
		fmt.Fprintf(b, "    error: %s\n", each)
	}
}

// writeJSON prints the plan, and what came of it once it was tried, for programs.
func (p *plan) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p)
}
