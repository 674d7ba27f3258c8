package schema

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
)

// New returns the command suiro connect schema.
func New(plugins connect.Plugins) *cobra.Command {
	c := &cobra.Command{
		Use:        "schema [CLASS]",
		Short:      "Print a JSON Schema of the files of connectors, for editors",
		SuggestFor: []string{"json-schema", "jsonschema"},
		Long: `Print a JSON Schema (draft 2020-12) of the files of connectors, for editors, which then complete keys, show what ` +
			`they mean and mark what is wrong. It has the keys of every connector of this program with their types, values, ` +
			`defaults and docs, or of one class, and those of converters, transforms, predicates and Kafka clients. It is for ` +
			`files in JSON and in YAML, with the configuration in config or without.

The schema accepts all that a worker accepts, but for aliases of transforms and predicates with a full stop in them. A ` +
			`worker refuses more: suiro connect validate says what.`,
		Example: `
suiro connect schema > connector.schema.json
suiro connect schema FileStreamSink`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%d classes: name one, or none for all", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			for _, of := range classesOf(plugins) {
				if len(args) == 0 {
					names = append(names, command.Simple(of.Class))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		classes, err := chosen(plugins, args)
		if err != nil {
			return command.Usage(err)
		}
		e := json.NewEncoder(c.OutOrStdout())
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(document(plugins, classes))
	}
	return c
}

// chosen are the classes that the arguments name, all without one.
func chosen(plugins connect.Plugins, args []string) ([]class, error) {
	all := classesOf(plugins)
	if len(args) == 0 {
		return all, nil
	}
	if i := slices.IndexFunc(all, func(c class) bool { return c.Is(args[0]) }); i >= 0 {
		return all[i : i+1], nil
	}
	var names []string
	for _, c := range all {
		names = append(names, command.Simple(c.Class))
	}
	if near := config.Nearest(args[0], names); near != "" {
		return nil, fmt.Errorf("there is no connector class %s, did you mean %s?", args[0], near)
	}
	return nil, fmt.Errorf("there is no connector class %s: suiro plugins lists all", args[0])
}
