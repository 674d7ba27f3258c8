package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // for timezone= where the system has no zone files, as in small images

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/cli/internal/mirrormaker"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/flags"
)

// The exit codes of a program.
const (
	// ExitOK says that all was done.
	ExitOK = 0
	// ExitFailure says that it was tried and did not work.
	ExitFailure = 1
	// ExitUsage says that the command line or a configuration is wrong, so that
	// nothing was tried.
	ExitUsage = 2
)

// The groups of commands in the help.
const (
	groupConnect = "connect"
	groupKafka   = "kafka"
)

// defaultName is the name of a program that sets no other.
const defaultName = "suiro"

// UsageError is a mistake on the command line or in a configuration. A command
// whose error is one ends with [ExitUsage].
type UsageError = command.UsageError

// loggedError is an error that the log has already.
type loggedError struct{ error }

// Main is the main function of a program that runs the plugins: it executes the
// arguments of the process with [Command] and the further commands, until SIGINT or
// SIGTERM, and exits with one of the exit codes. The program is called what its file
// is called.
func Main(plugins connect.Plugins, more ...*cobra.Command) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := Command(plugins)
	root.Use = strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	Add(root, more...)
	os.Exit(Execute(ctx, root))
}

// Add adds further commands to the one that [Command] returned. One that is called like a
// command that is there, such as connect, only brings the commands below it, which then are
// below that one.
func Add(root *cobra.Command, more ...*cobra.Command) {
	for _, c := range more {
		same := func(other *cobra.Command) bool { return other.Name() == c.Name() }
		if i := slices.IndexFunc(root.Commands(), same); i >= 0 {
			below := c.Commands()
			c.RemoveCommand(below...)
			root.Commands()[i].AddCommand(below...)
			continue
		}
		root.AddCommand(c)
	}
}

// Command returns the command that holds all commands of a program that runs the
// plugins, for use in a program that has more to do. Its name is suiro until Use is
// set to another.
func Command(plugins connect.Plugins) *cobra.Command {
	root := &cobra.Command{
		Use:   defaultName,
		Short: "Kafka Streams and Kafka Connect for Go",
		Long: "Kafka Streams and Kafka Connect for Go, on Apache Kafka.\n\n" +
			"The exit code is 0 when all was done, 1 when it was tried and did not work, and 2 when the command line or a " +
			"configuration is wrong, so that nothing was tried.\n\nDocumentation: https://github.com/suiro/suiro/tree/main/docs",
		Version: buildinfo.String(),
	}
	root.AddGroup(&cobra.Group{ID: groupConnect, Title: "Connectors"}, &cobra.Group{ID: groupKafka, Title: "Kafka"})
	root.AddCommand(newConnectCommand(plugins), newPluginsCommand(plugins), newTopicsCommand(),
		newVersionCommand())
	if mirrormaker.Runs(plugins) {
		root.AddCommand(newMirrorCommand(plugins))
	}
	flags.Install(root)
	return root
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version and how the program was built", Args: flags.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), "suiro version", buildinfo.String())
			return err
		},
	}
}

// nameExamples makes the examples in the help of c and below call the program by its
// name.
func nameExamples(c *cobra.Command, program string) {
	lines := strings.Split(c.Example, "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, defaultName+" "); ok {
			lines[i] = program + " " + rest
		}
	}
	c.Example = strings.Join(lines, "\n")
	for _, sub := range c.Commands() {
		nameExamples(sub, program)
	}
}

// Execute executes a command that [Command] returned, writes its error, if any, to
// the command's error output, and returns the exit code. A program calls it once,
// when it has added its own commands.
func Execute(ctx context.Context, root *cobra.Command) int {
	root.InitDefaultCompletionCmd()
	if c, _, err := root.Find([]string{"completion"}); err == nil {
		c.Short = "Print the script that lets a shell complete commands, flags and plugins"
	}
	flags.Install(root)
	nameExamples(root, root.Name())
	began := false
	root.PersistentPreRun = func(*cobra.Command, []string) { began = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	var logged loggedError
	if !errors.As(err, &logged) {
		fmt.Fprintf(root.ErrOrStderr(), "%s: %s\n", root.Name(), flags.Printable(err.Error()))
	}
	var usage UsageError
	if !began || errors.As(err, &usage) { // a command that did not begin was called wrongly
		return ExitUsage
	}
	return ExitFailure
}
