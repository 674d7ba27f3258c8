// Package command is what the commands of package cli share.
package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
)

// UsageError is that of package cli.
type UsageError struct {
	// Err says what is wrong and what to do.
	Err error
}

// Error implements error.
func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e UsageError) Unwrap() error { return e.Err }

// Usage makes an error one of usage.
func Usage(err error) error { return UsageError{err} }

// Output is the flag that says how a command prints.
type Output struct{ format string }

// Define adds the flag to a command, whose JSON is as described.
func (o *Output) Define(c *cobra.Command, json string) {
	c.Flags().StringVarP(&o.format, "output", "o", "text", "Print in this `format`: text, for people, or json, "+json)
	_ = c.RegisterFlagCompletionFunc("output", // the flag exists
		cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
}

// Check refuses other formats.
func (o *Output) Check() error {
	if o.format != "text" && o.format != "json" {
		return fmt.Errorf("--output %s: must be text or json", o.format)
	}
	return nil
}

// JSON reports whether to print JSON.
func (o *Output) JSON() bool { return o.format == "json" }

// Amount is a number with its noun.
func Amount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Simple is a class without its Java package.
func Simple(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// Infos says what the plugins of one kind are, in their order.
func Infos[P any](plugins []P, info func(P) connect.Info) []connect.Info {
	out := make([]connect.Info, 0, len(plugins))
	for _, p := range plugins {
		out = append(out, info(p))
	}
	return out
}

// FirstSentence is the first sentence of a doc, without its full stop.
func FirstSentence(text string) string {
	first, _, _ := strings.Cut(strings.TrimSuffix(text, "."), ". ")
	return first
}

// SomeFiles wants a file or a folder of connectors at least.
func SomeFiles(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s needs a folder or a file of connectors", c.CommandPath())
	}
	return nil
}
