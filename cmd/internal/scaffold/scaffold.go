// Package scaffold is the command suiro new: it writes a module to start from, with a connector, a
// converter, a transform or a stream app that passes the project's own suites. The files are those
// of the folder templates, with a name filled in.
package scaffold

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/buildinfo"
)

// New returns the command.
func New() *cobra.Command {
	c := &cobra.Command{
		Use:   "new",
		Short: "Write a module to start from: a connector, a converter, a transform or a stream app",
		Long: "Write a module to start from, in a new folder that is called like it. It compiles, and its tests run the " +
			"suite of its kind, which checks what every one must do. A plugin comes with a worker that runs it.",
		Example: `
suiro new connector orders-api
suiro new connector orders-store --sink
suiro new transform trim-names --module example.com/team/trim-names
suiro new app order-totals`,
		SuggestFor: []string{"init", "create", "scaffold", "generate"},
	}
	source := newKind("connector", "a source connector, or with --sink a sink connector", "source")
	source.Flags().Bool("sink", false, "Write a sink connector")
	c.AddCommand(source, newKind("converter", "a converter", "converter"),
		newKind("transform", "a transform", "transform"), newKind("app", "a stream app", "app"))
	return c
}

// newKind returns the command of one kind, whose files are in the folder of templates.
func newKind(name, what, folder string) *cobra.Command {
	var module, replace string
	c := &cobra.Command{
		Use:   name + " NAME",
		Short: "Write the module of " + what,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%d arguments: give it a name: %s NAME", len(args), c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			kind := folder
			if sink, err := c.Flags().GetBool("sink"); err == nil && sink {
				kind = "sink"
			}
			s, err := newSkeleton(kind, args[0], module, replace)
			if err != nil {
				return cli.UsageError{Err: err}
			}
			files, err := s.write()
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.OutOrStdout(), s.next(files))
			return err
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	c.Flags().StringVar(&module, "module", "", "The `path` of the module, example.com/NAME by default")
	c.Flags().StringVar(&replace, "replace", "",
		"A `folder` with Suiro's sources, which the module uses in place of a released version")
	return c
}

// next says what was written, and what to do with it.
func (s *skeleton) next(files []string) string {
	lines := []string{"Wrote " + strings.Join(files, ", "), "", "Next:", "", "    cd " + s.Name}
	if s.Version == "" {
		lines = append(lines, "    go get github.com/suiro/suiro@latest")
	}
	lines = append(lines, "    go mod tidy", "    go test ./...")
	if s.kind == "app" {
		lines = append(lines, "    go build && ./"+s.Name+" --help")
	} else {
		lines = append(lines, "    go build -o worker . && ./worker plugins "+s.Class)
	}
	return strings.Join(append(lines, "", "README.md says how it goes on.", ""), "\n")
}

// released is the version of Suiro that a module can require, empty when this program was built
// from none.
func released() string {
	v := buildinfo.Version()
	if !strings.HasPrefix(v, "v") || strings.Contains(v, "+") {
		return ""
	}
	return v
}

var errName = errors.New("a name has small letters, digits and hyphens, and begins with a letter, such as orders-api")
