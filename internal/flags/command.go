package flags

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/suiro/suiro/connect/config"
)

// Install sets up a command and all below it: their help, and what they answer to
// mistakes. It is called again when commands were added. Errors are not printed by
// the commands; whoever executes them does.
func Install(root *cobra.Command) {
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetGlobalNormalizationFunc(normalize)
	root.SetFlagErrorFunc(explain)
	root.SetUsageFunc(func(c *cobra.Command) error {
		_, err := io.WriteString(c.OutOrStderr(), usageOf(c))
		return err
	})
	root.SetHelpFunc(func(c *cobra.Command, _ []string) {
		_, _ = io.WriteString(c.OutOrStdout(), helpOf(c))
	})
	root.SetVersionTemplate("{{if ne .Name \"suiro\"}}{{.Name}}, with {{end}}suiro version {{.Version}}\n")
	if root.Version != "" && root.Flags().Lookup("version") == nil {
		root.Flags().BoolP("version", "v", false, "Show the version")
	}
	installEach(root)
}

// holdsOthers is the annotation of a command that only holds others.
const holdsOthers = "suiro_holds_others"

// installEach gives a command and all below it the flag for help, and those that
// only hold others their answer to a name that none of these has.
func installEach(c *cobra.Command) {
	if c.Flags().Lookup("help") == nil {
		c.Flags().BoolP("help", "h", false, "Show this help")
	}
	if c.HasSubCommands() && !c.Runnable() {
		if c.Annotations == nil {
			c.Annotations = map[string]string{}
		}
		c.Annotations[holdsOthers] = "true"
		c.Args = knownCommand
		c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	for _, sub := range c.Commands() {
		installEach(sub)
	}
}

// normalize accepts the names that people know from other programs and files.
func normalize(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	name = strings.NewReplacer(".", "-", "_", "-").Replace(name)
	switch name {
	case "bootstrap-server":
		name = "bootstrap-servers"
	case "command-config":
		name = "config"
	}
	return pflag.NormalizedName(name)
}

// knownCommand refuses an argument of a command that only holds others.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		if slices.Contains(sub.SuggestFor, args[0]) {
			return fmt.Errorf("unknown command %q: did you mean %s?", args[0], sub.Name())
		}
		if sub.IsAvailableCommand() {
			names = append(append(names, sub.Name()), sub.Aliases...)
		}
	}
	return fmt.Errorf("unknown command %q: %s", args[0], meant(c, "", args[0], names))
}

// NoArgs refuses arguments of a command that has flags only, or flags and commands below
// it.
func NoArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasAvailableSubCommands() {
		return knownCommand(c, args)
	}
	return fmt.Errorf("unexpected argument %q: %[2]s has flags only, see %[2]s --help", args[0], c.CommandPath())
}

// explain says what is wrong with a flag, and what was probably meant.
func explain(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(c, unknown)
	case errors.As(err, &empty):
		return fmt.Errorf("--%s needs a value: --%[1]s %s", empty.GetFlag().Name, kindOf(empty.GetFlag()))
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool":
		return fmt.Errorf("--%s %s: is neither true nor false", invalid.GetFlag().Name, invalid.GetValue())
	}
	return err
}

// kindOf is what the help shows after a flag that is no switch.
func kindOf(f *pflag.Flag) string {
	if v, ok := f.Value.(*value); ok {
		return v.Type()
	}
	name, _ := pflag.UnquoteUsage(f)
	return strings.ReplaceAll(name, "string", "text")
}

func unknownFlag(c *cobra.Command, err *pflag.NotExistError) error {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if _, isKey := f.Value.(*value); isKey || !f.Hidden { // keys may be hidden because they are many
			names = append(names, f.Name)
		}
	})
	if letters := err.GetSpecifiedShortnames(); len(letters) > 1 {
		name, _, _ := strings.Cut(letters, "=")
		return fmt.Errorf("unknown flag -%s: flags have two dashes, %s", name, meant(c, "--", name, names))
	} else if letters != "" {
		return fmt.Errorf("unknown flag -%s: see %s --help", letters, c.CommandPath())
	}
	name := err.GetSpecifiedName()
	if where := c.Annotations[elsewhere+string(normalize(nil, name))]; where != "" {
		return fmt.Errorf("unknown flag --%s: %s", name, where)
	}
	return fmt.Errorf("unknown flag --%s: %s", name, meant(c, "--", name, names))
}

// elsewhere begins the annotations that [Elsewhere] makes.
const elsewhere = "flag elsewhere: "

// Elsewhere lets the error for a flag that c does not have, but which people try,
// say where its value belongs.
func Elsewhere(c *cobra.Command, name, where string) {
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[elsewhere+name] = where
}

// meant names the known name that is nearest to one that was given, or the help.
func meant(c *cobra.Command, dashes, name string, known []string) string {
	if near := config.Nearest(string(normalize(nil, name)), known); near != "" {
		return fmt.Sprintf("did you mean %s%s?", dashes, near)
	}
	help := "--help"
	if all := "help-all"; c.Flags().Lookup(all) != nil {
		help = "--" + all
	}
	return fmt.Sprintf("see %s %s", c.CommandPath(), help)
}
