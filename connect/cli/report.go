package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/flags"
)

// report is what there is to say about one file.
type report struct {
	path     string
	title    string // what the file holds, "" when that is not known
	errs     []string
	warnings []string
	notes    []string
	facts    []fact
	keys     []config.Result // all keys that count, with their values
	props    map[string]string
}

// fact is a line about what would run.
type fact struct{ name, text string }

func (r *report) refuse(message string) { r.errs = append(r.errs, message) }

// refuseKeys notes errors of keys, each of which names its key. known are the keys
// that are declared, whose docs say what is missing.
func (r *report) refuseKeys(errs config.Errors, known []config.Key, plugins connect.Plugins) {
	for _, e := range errs {
		text := e.Error()
		if e.Fault == config.Missing {
			text = strings.TrimSuffix(text, ".") + missing(e.Key, known, plugins)
		}
		r.refuse(text)
	}
}

// missing says what a key that is missing is, or "".
func missing(key string, known []config.Key, plugins connect.Plugins) string {
	i := slices.IndexFunc(known, func(k config.Key) bool { return k.Name == key })
	if i >= 0 {
		return ": " + firstSentence(known[i].Doc)
	}
	for list, kind := range map[string]pluginKind{"transforms.": transformKind, "predicates.": predicateKind} {
		if !strings.HasPrefix(key, list) || !strings.HasSuffix(key, ".type") {
			continue
		}
		var of []string
		for _, p := range catalog(plugins) {
			if p.kind == kind {
				of = append(of, p.name())
			}
		}
		return fmt.Sprintf(": the class of a %s, available are %s", kind.noun, strings.Join(of, ", "))
	}
	return ""
}

// write prints the report; verbose adds the value of every key.
func (r *report) write(w io.Writer, verbose bool) error {
	var b strings.Builder
	b.WriteString(r.path)
	if r.title != "" {
		b.WriteString(": " + r.title)
	}
	b.WriteByte('\n')
	for _, e := range r.errs {
		paragraph(&b, "error: "+e)
	}
	for _, each := range r.warnings {
		paragraph(&b, "warning: "+each)
	}
	for _, each := range r.notes {
		paragraph(&b, each)
	}
	if len(r.errs) == 0 {
		r.writeFacts(&b, verbose)
	}
	_, err := io.WriteString(w, flags.Printable(b.String()))
	return err
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

func (r *report) writeFacts(b *strings.Builder, verbose bool) {
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
