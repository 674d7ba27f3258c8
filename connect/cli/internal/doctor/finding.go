package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/internal/flags"
)

// result is what came of a check.
type result string

// The results, each worse than the one before.
const (
	ok      result = "ok"
	skipped result = "skipped" // it could not be found out
	warning result = "warning"
	failed  result = "failed"
)

var results = []result{ok, skipped, warning, failed}

// finding is what there is to say about one thing, as programs read it.
type finding struct {
	Result  result `json:"result"`
	Subject string `json:"subject"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
}

// about begins a finding to which nothing was noted yet.
func about(format string, args ...any) *finding {
	return &finding{Result: ok, Subject: fmt.Sprintf(format, args...)}
}

// note adds a sentence, and what to do about it, "" for nothing. The worst of the notes
// says what the finding is.
func (f *finding) note(r result, message, remedy string) *finding {
	if slices.Index(results, r) > slices.Index(results, f.Result) {
		f.Result = r
	}
	join := func(to *string, text string) {
		if *to != "" && text != "" {
			*to += "; "
		}
		*to += text
	}
	join(&f.Message, message)
	join(&f.Remedy, remedy)
	return f
}

// report prints findings and sums them up. The error says that something has failed.
func report(w io.Writer, findings []*finding, asJSON bool) error {
	count := map[result]int{}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, f := range findings {
		count[f.Result]++
		var err error
		if asJSON {
			err = e.Encode(f)
		} else {
			_, err = io.WriteString(w, flags.Printable(f.text()))
		}
		if err != nil {
			return err
		}
	}
	sum := fmt.Sprintf("%s: %d ok, %d skipped, %s, %d failed", command.Amount(len(findings), "finding"), count[ok],
		count[skipped], command.Amount(count[warning], "warning"), count[failed])
	if count[failed] > 0 {
		return errors.New(sum)
	}
	if asJSON {
		return nil
	}
	_, err := fmt.Fprintln(w, sum)
	return err
}

// text is the finding for people.
func (f *finding) text() string {
	const at = 9 // where the text begins
	var b strings.Builder
	paragraph := func(first, text string) {
		for i, line := range strings.Split(flags.Wrap(strings.ReplaceAll(text, "\n", "; "), flags.Columns-at-2),
			"\n") {
			if i > 0 {
				first, line = "", "  "+line
			}
			fmt.Fprintf(&b, "%-*s%s\n", at, first, line)
		}
	}
	paragraph(string(f.Result), f.Subject+": "+f.Message)
	if f.Remedy != "" {
		paragraph("", "→ "+f.Remedy)
	}
	return b.String()
}
