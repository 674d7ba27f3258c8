package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// deadLetter is a dead letter as the demo's file shows it.
type deadLetter struct {
	Stage  string `json:"stage"`
	Topic  string `json:"topic"`
	Reason string `json:"reason"`
	Value  string `json:"value"`
}

// reasonHeaders hold the reason in the dead letters of connectors and apps.
var reasonHeaders = [...]string{"__connect.errors.exception.message", "__streams.errors.message"}

func readDeadLetter(stage string, r *kgo.Record) deadLetter {
	d := deadLetter{Stage: stage, Topic: r.Topic, Reason: "not told", Value: strings.ToValidUTF8(string(r.Value), "\ufffd")}
	for _, h := range r.Headers {
		for _, name := range reasonHeaders {
			if h.Key == name {
				d.Reason = string(h.Value)
			}
		}
	}
	return d
}

// showDeadLetters writes the dead letters to a file and shows one of each
// stage that has some.
func (d *demo) showDeadLetters(table []row) error {
	var file bytes.Buffer
	out := json.NewEncoder(&file)
	out.SetEscapeHTML(false)
	shown, some := false, false
	for _, r := range table {
		letters := d.tally.remembered(d.names.dead(r.stage))
		some = some || int64(len(letters)) < r.rejected
		for i, letter := range letters {
			l := readDeadLetter(r.stage, letter)
			if err := out.Encode(l); err != nil {
				return fmt.Errorf("write the dead letters: %w", err)
			}
			if i > 0 {
				continue
			}
			if !shown {
				d.screen.println("  Rejected records went to dead-letter topics, with the reason in their headers. The first of each:")
				shown = true
			}
			d.screen.printf("    %s (%s)", l.Topic, number(r.rejected))
			d.screen.printf("      reason  %s", cut(l.Reason, 180))
			d.screen.printf("      value   %s", cut(printable(l.Value), 110))
		}
	}
	if !shown {
		return nil
	}
	path, err := d.folder.write("dead-letters.jsonl", file.Bytes())
	if err != nil {
		return fmt.Errorf("write the dead letters: %w", err)
	}
	which := "All of them"
	if some {
		which = fmt.Sprintf("The first %s of each", number(keptDeadLetters))
	}
	d.screen.printf("  %s: %s\n", which, d.folder.shown(path))
	return nil
}

// printable shows text on one line.
func printable(s string) string {
	if s == "" {
		return "(empty)"
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// cut shortens text to so many characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
