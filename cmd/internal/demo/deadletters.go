package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/suiro/suiro/cmd/internal/demo/screen"
	"github.com/twmb/franz-go/pkg/kgo"
)

// deadLetter is a line of dead-letters.jsonl.
type deadLetter struct {
	Stage  string `json:"stage"`
	Topic  string `json:"topic"`
	Reason string `json:"reason"`
	Value  string `json:"value"`
}

// reasonHeaders hold the reason in the dead letters of connectors and apps.
var reasonHeaders = [...]string{"__connect.errors.exception.message", "__streams.errors.message"}

func readDeadLetter(stage string, r *kgo.Record) deadLetter {
	l := deadLetter{Stage: stage, Topic: r.Topic, Reason: "unknown",
		Value: strings.ToValidUTF8(string(r.Value), "\ufffd")}
	for _, h := range r.Headers {
		for _, name := range reasonHeaders {
			if h.Key == name {
				l.Reason = string(h.Value)
			}
		}
	}
	return l
}

// showDeadLetters writes the dead letters to a file and shows the first one of
// each stage.
func (r *report) showDeadLetters(table []row) error {
	var file bytes.Buffer
	out := json.NewEncoder(&file)
	out.SetEscapeHTML(false)
	shown, some := false, false
	for _, line := range table {
		letters := r.tally.Remembered(r.names.dead(line.stage))
		some = some || int64(len(letters)) < line.rejected
		for i, letter := range letters {
			l := readDeadLetter(line.stage, letter)
			if err := out.Encode(l); err != nil {
				return fmt.Errorf("write the dead letters: %w", err)
			}
			if i > 0 {
				continue
			}
			if !shown {
				r.screen.Println("  Rejected records went to dead-letter topics, with the reason in their headers. " +
					"The first of each:")
				shown = true
			}
			r.screen.Printf("    %s (%s)", l.Topic, screen.Number(line.rejected))
			r.screen.Printf("      reason  %s", screen.Cut(l.Reason, 180))
			r.screen.Printf("      value   %s", screen.Cut(screen.Printable(l.Value), 110))
		}
	}
	if !shown {
		return nil
	}
	path, err := r.folder.Write("dead-letters.jsonl", file.Bytes())
	if err != nil {
		return fmt.Errorf("write the dead letters: %w", err)
	}
	which := "All of them"
	if some {
		which = fmt.Sprintf("The first %s of each", screen.Number(keptDeadLetters))
	}
	r.screen.Printf("  %s: %s\n", which, r.folder.Shown(path))
	return nil
}
