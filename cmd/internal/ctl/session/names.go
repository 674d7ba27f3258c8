package session

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

// without returns the names that are not among others, sorted.
func without(names, others []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(others, n) })
	slices.Sort(names)
	return names
}

// ConnectorArgs takes the word connector away that people of kubectl and kcctl put
// before names.
func ConnectorArgs(args []string) []string {
	if len(args) > 1 && (args[0] == "connector" || args[0] == "connectors") {
		return args[1:]
	}
	return args
}

// SomeConnectors wants the name of a connector at least.
func SomeConnectors(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("name at least one connector: %s NAME", c.CommandPath())
	}
	if text := meant(c, ConnectorArgs(args)); text != "" {
		return errors.New(text)
	}
	return nil
}

// OneConnector wants the name of one connector.
func OneConnector(c *cobra.Command, args []string) error {
	return Exactly(c, ConnectorArgs(args), "the connector", "NAME")
}

// Exactly wants one argument for each word.
func Exactly(c *cobra.Command, args []string, what string, words ...string) error {
	if len(args) == len(words) {
		return nil
	}
	if text := meant(c, args); text != "" {
		return errors.New(text)
	}
	form := c.CommandPath()
	for _, w := range words {
		form += " " + w
	}
	noun := "arguments"
	if len(args) == 1 {
		noun = "argument"
	}
	return fmt.Errorf("%d %s: name %s: %s", len(args), noun, what, form)
}
