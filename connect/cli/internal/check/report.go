package check

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/configfiles"
	"github.com/suiro/suiro/internal/flags"
)

// Report is what there is to say about one file.
type Report struct {
	// Path is the file.
	Path string
	// Connector is the name of the connector, "" for the worker's file and for one that
	// cannot be read.
	Connector string
	// Config is the connector's configuration as the file has it.
	Config map[string]string
	// Plan is what would run of a connector that nothing is wrong with, or nil. It is
	// closed: its converters and transforms are not to be used.
	Plan *plan.Connector
	// Problems are what is wrong.
	Problems []Problem
	// Warnings are about keys that have no effect.
	Warnings []string
	// Notes say what was not checked.
	Notes []string

	title   string // what the file holds, "" when that is not known
	checked bool   // it was compiled
	facts   []fact
	keys    []config.Result // all keys that count, with their values
	props   map[string]string
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	// Key is the key that is wrong, "" when it is the file.
	Key string `json:"key,omitempty"`
	// Message says what is wrong, with the key.
	Message string `json:"message"`
	// Remedy says what to write instead, "" when the message does.
	Remedy string `json:"remedy,omitempty"`
}

// Text is the message with the remedy.
func (p Problem) Text() string {
	if p.Remedy == "" {
		return p.Message
	}
	return strings.TrimSuffix(p.Message, ".") + ": " + p.Remedy
}

// fact is a line about what would run.
type fact struct{ name, text string }

func (r *Report) refuse(message string) { r.Problems = append(r.Problems, Problem{Message: message}) }

// refuseClass notes that a connector's class is missing or not known, and what is wrong with
// the keys that every connector has.
func (r *Report) refuseClass(err error, plugins connect.Plugins) {
	var others config.Errors
	message := err.Error()
	if errors.As(err, &others) {
		message = strings.TrimSuffix(message, "\n"+others.Error())
	}
	r.Problems = append(r.Problems, Problem{Key: configfiles.ClassKey, Message: message})
	r.refuseKeys(others, plan.ConnectorDef(plan.Sink).Keys(), plugins)
}

// refuseKeys notes errors of keys. known are the keys that are declared, whose docs say
// what is missing.
func (r *Report) refuseKeys(errs config.Errors, known []config.Key, plugins connect.Plugins) {
	for _, e := range errs {
		p := Problem{Key: e.Key, Message: strings.TrimSuffix(e.Error(), ".")}
		switch e.Fault {
		case config.Missing:
			p.Remedy = missing(e.Key, known, plugins)
		case config.Invalid:
			p.Remedy = acceptable(e, known)
		}
		r.Problems = append(r.Problems, p)
	}
}

// acceptable says what could be written instead of a value of the wrong type, where the
// error does not say it.
func acceptable(e config.KeyError, known []config.Key) string {
	for _, says := range []string{": ", "must ", "no more than"} {
		if e.Accepts == "" || strings.Contains(e.Message, says) {
			return ""
		}
	}
	if i := slices.IndexFunc(known, func(k config.Key) bool { return k.Name == e.Key }); i >= 0 {
		return "want " + flags.Accepts(known[i])
	}
	return "accepted is " + e.Accepts
}

// missing says what a key that is missing is, or "".
func missing(key string, known []config.Key, plugins connect.Plugins) string {
	if i := slices.IndexFunc(known, func(k config.Key) bool { return k.Name == key }); i >= 0 {
		return command.FirstSentence(known[i].Doc)
	}
	of, noun := []string{}, "transform"
	switch {
	case !strings.HasSuffix(key, ".type"):
		return ""
	case strings.HasPrefix(key, "transforms."):
		for _, p := range plugins.Transforms {
			of = append(of, command.Simple(p.Class))
		}
	case strings.HasPrefix(key, "predicates."):
		noun = "predicate"
		for _, p := range plugins.Predicates {
			of = append(of, command.Simple(p.Class))
		}
	default:
		return ""
	}
	slices.Sort(of)
	return fmt.Sprintf("the class of a %s, available are %s", noun, strings.Join(of, ", "))
}

// Valid reports whether the file was checked and nothing is wrong with it.
func (r *Report) Valid() bool {
	return len(r.Problems) == 0 && (r.Connector == "" || r.checked)
}

// WriteFindings prints what is wrong, what has no effect and what was not checked.
func (r *Report) WriteFindings(w io.Writer) error {
	var b strings.Builder
	state := ""
	if r.Valid() {
		state = ": valid"
	}
	r.writeFindings(&b, state)
	_, err := io.WriteString(w, flags.Printable(b.String()))
	return err
}

// write prints the report; verbose adds the value of every key.
func (r *Report) write(w io.Writer, verbose bool) error {
	var b strings.Builder
	r.writeFindings(&b, "")
	if len(r.Problems) == 0 {
		r.writeFacts(&b, verbose)
	}
	_, err := io.WriteString(w, flags.Printable(b.String()))
	return err
}

// writeFindings prints what was found; state ends the first line.
func (r *Report) writeFindings(b *strings.Builder, state string) {
	b.WriteString(r.Path)
	if r.title != "" {
		b.WriteString(": " + r.title)
	}
	b.WriteString(state + "\n")
	for _, p := range r.Problems {
		paragraph(b, "error: "+p.Text())
	}
	for _, each := range r.Warnings {
		paragraph(b, "warning: "+each)
	}
	for _, each := range r.Notes {
		paragraph(b, each)
	}
}

// paragraph writes a text below the name of the file.
func paragraph(b *strings.Builder, text string) {
	for i, line := range strings.Split(flags.Wrap(text, flags.Columns-4), "\n") {
		indent := "    "
		if i == 0 {
			indent = "  "
		}
		b.WriteString(indent + line + "\n")
	}
}

func (r *Report) writeFacts(b *strings.Builder, verbose bool) {
	at := 0
	for _, f := range r.facts {
		at = max(at, len(f.name))
	}
	for _, f := range r.facts {
		for i, line := range strings.Split(flags.Wrap(f.text, flags.Columns-at-4), "\n") {
			name := f.name
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(b, "  %-*s  %s\n", at, name, line)
		}
	}
	if !verbose {
		return
	}
	b.WriteString("  keys\n")
	for _, k := range r.keys {
		if k.Value == nil {
			continue
		}
		value := *k.Value
		switch _, set := r.props[k.Key.Name]; {
		case !set && value == "":
			continue
		case !set:
			value += "  (default)"
		}
		fmt.Fprintf(b, "    %s = %s\n", k.Key.Name, value)
	}
}
