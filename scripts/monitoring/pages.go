package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/rulefmt"
)

const generated = "<!-- Made by scripts/monitoring: change that, and run make generate. -->\n\n"

// groupTitles are the headlines of the page about alerts, by the names of groups.
var groupTitles = map[string]string{
	"suiro-processes": "Processes", "suiro-connect": "Workers and connectors", "suiro-streams": "Stream apps",
}

// alertsPage says for every alert when it fires, what it means and what to do.
func alertsPage(groups *rulefmt.RuleGroups) []byte {
	var out bytes.Buffer
	out.WriteString(generated + "# Alerts\n\n")
	paragraph(&out, "What each alert of [alerts.yml](alerts.yml) means and what to do. A critical one means that "+
		"records do "+
		"not get through, or may be lost; a warning can wait for the morning. [Troubleshooting]"+
		"(../guides/trouble.md) goes by symptom.")
	for _, g := range groups.Groups {
		fmt.Fprintf(&out, "\n## %s\n", groupTitles[g.Name])
		for _, r := range g.Rules {
			fmt.Fprintf(&out, "\n### %s\n\n", r.Alert)
			when := "at once"
			if r.For > 0 {
				when = "after " + r.For.String()
			}
			paragraph(&out, "*"+strings.ToUpper(r.Labels["severity"][:1])+r.Labels["severity"][1:]+", "+when+".* "+
				r.Annotations["description"])
			out.WriteString("\n")
			for line := range strings.SplitSeq(strings.TrimSpace(r.Expr), "\n") {
				for i, part := range wrapped(line, 94) {
					out.WriteString("    " + strings.Repeat("  ", min(i, 1)) + part + "\n")
				}
			}
		}
	}
	return out.Bytes()
}

// panelsPage says what every panel of the dashboards shows.
func panelsPage(boards []board) []byte {
	var out bytes.Buffer
	out.WriteString(generated + "# Panels\n\n")
	paragraph(&out, "What each panel of the dashboards shows and what to do about it. Grafana shows the same text "+
		"at the "+
		"panel's corner.")
	for _, b := range boards {
		fmt.Fprintf(&out, "\n## %s\n\n", b.Title)
		paragraph(&out, b.About+" The file is ["+b.UID+".json]("+b.UID+".json).")
		for _, r := range b.Rows {
			fmt.Fprintf(&out, "\n**%s**\n\n", r.Title)
			for _, p := range r.Panels {
				item(&out, "**"+p.Title+"**: "+p.About)
			}
		}
	}
	return out.Bytes()
}

// width is the length of the pages' lines.
const width = 100

func paragraph(out *bytes.Buffer, text string) {
	out.WriteString(strings.Join(wrapped(text, width), "\n") + "\n")
}

// item is a paragraph of a list.
func item(out *bytes.Buffer, text string) {
	out.WriteString("- " + strings.Join(wrapped(text, width-2), "\n  ") + "\n")
}

// wrapped are the words of a text in lines of at most n bytes. It keeps the
// indentation.
func wrapped(text string, n int) []string {
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = indent + word
		case len(line)+1+len(word) > n:
			lines, line = append(lines, line), indent+word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}
