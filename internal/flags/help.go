package flags

import (
	"strings"

	"github.com/spf13/cobra"
)

// helpOf is what --help prints for a command.
func helpOf(c *cobra.Command) string {
	about := c.Long
	if about == "" {
		about = c.Short
	}
	return Wrap(strings.TrimSpace(about), Columns) + "\n\n" + usageOf(c)
}

// usageOf is how a command is called: its forms, examples, the commands below it
// and its flags.
func usageOf(c *cobra.Command) string {
	var b strings.Builder
	section := func(title, text string) {
		if text != "" {
			b.WriteString(title + ":\n" + text + "\n")
		}
	}
	section("Usage", "  "+call(c)+"\n")
	section("Examples", example(c))
	for _, g := range c.Groups() {
		section(g.Title, commandRows(c, g.ID))
	}
	title := "Commands"
	if len(c.Groups()) > 0 {
		title = "Further commands"
	}
	section(title, commandRows(c, ""))
	for _, g := range groups(c.LocalFlags()) {
		section(g.title, table(flagRows(g.flags)))
	}
	section("Flags of every command", table(flagRows(c.InheritedFlags())))
	if c.HasAvailableSubCommands() {
		b.WriteString("See " + c.CommandPath() + " COMMAND --help for what a command does.\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// call is the form of a command's call, or the forms when it does something by itself
// and holds others too.
func call(c *cobra.Command) string {
	others := c.CommandPath() + " COMMAND"
	if c.Annotations[holdsOthers] != "" {
		return others
	}
	if c.HasAvailableSubCommands() {
		return c.UseLine() + "\n  " + others + " [flags]"
	}
	line := c.UseLine()
	if !strings.Contains(c.Use, "--") {
		return line
	}
	return strings.TrimSuffix(line, " [flags]") + " [flags]"
}

// example is the example of a command, indented.
func example(c *cobra.Command) string {
	text := strings.Trim(c.Example, "\n")
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + strings.TrimSpace(line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// commandRows are the commands of a group below c, by name.
func commandRows(c *cobra.Command, group string) string {
	var rows []row
	longest := 0 // in all groups, so that they look like one list
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			longest = max(longest, len(sub.Name()))
		}
		if sub.IsAvailableCommand() && sub.GroupID == group {
			rows = append(rows, row{"  " + sub.Name(), sub.Short})
		}
	}
	return tableFrom(rows, longest+5)
}
