package main

import (
	"fmt"
	"strings"
	"time"
)

// head is the top of the page; the day is filled in.
const head = `# Third-party modules

What Suiro is built and tested with, written by ` + "`make deps`" + ` on %s, the day on which newer
releases were looked for. A test fails while a module of go.mod is missing here. "Direct" are those
that code of this repository imports. "In the binaries" are those that are compiled into the command
or an example app; the others are for tests, or for parts of a dependency that are not used. Tools
for development alone are in modules of their own: scripts/lint.mod and scripts/monitoring.

| module | version | released | newer | licence | direct | in the binaries |
|---|---|---|---|---|---|---|
`

// text is the page.
func text(list []module, today time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, head, day(today))
	for _, m := range list {
		newer := "-"
		switch {
		case m.Update != nil:
			newer = m.Update.Version + ", " + day(m.Update.Time)
		case m.Error != nil:
			newer = "not known"
		}
		licences := strings.Join(m.Licences, ", ")
		if licences == "" {
			licences = "none found"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", m.Path, m.Version, day(m.Time), newer, licences,
			yes(!m.Indirect), yes(m.Built))
	}
	return b.String()
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
