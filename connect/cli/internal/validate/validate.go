// Package validate says which files of connectors a worker would refuse, and why, without a
// worker.
package validate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/internal/configfiles"
)

// validateFlags are the flags of suiro connect validate.
type validateFlags struct{ check.Flags }

// New returns the command.
func New(plugins connect.Plugins) *cobra.Command {
	var f validateFlags
	c := &cobra.Command{
		Use:        "validate [--config worker.properties] FOLDER|FILE...",
		Short:      "Say what a worker would refuse in the files of connectors, without a cluster",
		SuggestFor: []string{"check", "verify-config"},
		Long: `Say what a worker would refuse in the files of connectors: everything at once, by file and key, and what to ` +
			`write instead. The files are compiled as a worker compiles them before it starts a connector. Nothing is connected ` +
			`to, and nothing is started.

A file holds one connector, as JSON, YAML or properties. A folder stands for all of them in it and below, but for the ` +
			`files of workers and those of suiro connect test.

With --config, converters, config providers and what else the worker's file says count, and the file itself is checked ` +
			`too. Without it, keys of a converter that is the worker's are not checked, nor values such as ${env:PASSWORD}, and ` +
			`the answer says so.

The exit code is 0 when all files are good, 1 when one is not, and 2 when the command line is wrong or there is no such ` +
			`file. Warnings are about keys that have no effect, and change no exit code; suiro ctl validate asks a worker that ` +
			`runs.`,
		Example: `
suiro connect validate connectors/
suiro connect validate --config worker.properties orders.json payments.yaml
suiro connect validate connectors/ -o json`,
		Args: command.SomeFiles,
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, plugins, args) },
	}
	f.Define(c, "a line for each file")
	return c
}

func (f *validateFlags) execute(c *cobra.Command, plugins connect.Plugins, args []string) error {
	if err := f.Check(); err != nil {
		return err
	}
	files, err := configfiles.Files(args)
	if err != nil {
		return command.Usage(err)
	}
	s := f.Setup(plugins, files)
	if f.Output.JSON() {
		err = printJSON(c.OutOrStdout(), s)
	} else {
		err = printText(c.OutOrStdout(), s)
	}
	if wrong, _ := s.Count(); err == nil && wrong > 0 {
		return errors.New(sum(s))
	}
	return err
}

// fileJSON is what there is to say about a file, as programs read it.
type fileJSON struct {
	File      string          `json:"file"`
	Connector string          `json:"connector,omitempty"`
	Valid     bool            `json:"valid"`
	Errors    []check.Problem `json:"errors"`
	Warnings  []string        `json:"warnings"`
	Unchecked []string        `json:"unchecked"`
}

func printJSON(w io.Writer, s *check.Setup) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, r := range s.Reports {
		err := e.Encode(fileJSON{r.Path, r.Connector, r.Valid(), append([]check.Problem{}, r.Problems...),
			append([]string{}, r.Warnings...), append([]string{}, r.Notes...)})
		if err != nil {
			return err
		}
	}
	return nil
}

func printText(w io.Writer, s *check.Setup) error {
	for _, r := range s.Reports {
		if err := r.WriteFindings(w); err != nil {
			return err
		}
	}
	if wrong, _ := s.Count(); wrong > 0 {
		return nil // the error says it
	}
	_, err := fmt.Fprintln(w, sum(s))
	return err
}

// sum sums up what was found.
func sum(s *check.Setup) string {
	bad := 0
	for _, r := range s.Reports {
		if !r.Valid() {
			bad++
		}
	}
	errs, warnings := s.Count()
	text := fmt.Sprintf("%s: %d valid, %d not", command.Amount(len(s.Reports), "file"), len(s.Reports)-bad, bad)
	if errs > 0 {
		text += ", with " + command.Amount(errs, "error")
	}
	if warnings > 0 {
		text += ", " + command.Amount(warnings, "warning")
	}
	return text
}
