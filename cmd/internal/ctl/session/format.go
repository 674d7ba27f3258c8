package session

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/connect/cli"
)

// Format is the flag -o of commands that print.
type Format struct {
	// Name is the format that was chosen.
	Name string

	known []string
}

// Define adds the flag; more are formats beyond table, json and yaml.
func (f *Format) Define(c *cobra.Command, more ...string) {
	f.known = append([]string{output.TableFormat, output.JSON, output.YAML}, more...)
	last := len(f.known) - 1
	list := strings.Join(f.known[1:last], ", ")
	c.Flags().StringVarP(&f.Name, "output", "o", output.TableFormat, "Print a `table`, "+list+" or "+f.known[last])
	_ = c.RegisterFlagCompletionFunc("output", // the flag exists
		cobra.FixedCompletions(f.known, cobra.ShellCompDirectiveNoFileComp))
}

// Check refuses a format that the command does not have.
func (f *Format) Check() error {
	if slices.Contains(f.known, f.Name) {
		return nil
	}
	last := len(f.known) - 1
	return cli.UsageError{Err: fmt.Errorf("--output %s: must be %s or %s", f.Name,
		strings.Join(f.known[:last], ", "), f.known[last])}
}
