package check

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
)

// Flags are those of every command that says something about the files of connectors.
type Flags struct {
	WorkerFile
	// Output says how the command prints.
	Output command.Output
}

// Define adds the flags to a command, whose JSON is as described.
func (f *Flags) Define(c *cobra.Command, json string) {
	f.WorkerFile.Define(c)
	f.Output.Define(c, json)
}

// Check refuses formats that there are not and a worker's file that there is not. The error
// is a [command.UsageError].
func (f *Flags) Check() error {
	if err := errors.Join(f.Output.Check(), f.WorkerFile.Check()); err != nil {
		return command.Usage(err)
	}
	return nil
}

// WorkerFile is the flag that names the worker's file of a command that needs none.
type WorkerFile struct{ path string }

// Define adds the flag to a command, and its second name, which is hidden.
func (f *WorkerFile) Define(c *cobra.Command) {
	c.Flags().StringVar(&f.path, "config", "", "The worker's properties `file`")
	c.Flags().StringVar(&f.path, "worker", "", "The worker's properties `file`")
	_ = c.Flags().MarkHidden("worker") // it exists
}

// Path is the path of the file, "" when none is named.
func (f *WorkerFile) Path() string { return f.path }

// Check refuses a file that there is not.
func (f *WorkerFile) Check() error {
	if f.path == "" {
		return nil
	}
	_, err := os.Stat(f.path)
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return fmt.Errorf("--config %s: %w", f.path, failed.Err)
	}
	return err
}

// Setup reads and checks the worker's file, if one is named, and the connectors'.
func (f *WorkerFile) Setup(plugins connect.Plugins, connectorFiles []string) *Setup {
	if f.path == "" {
		return ReadAlone(plugins, connectorFiles)
	}
	return ReadFor(plugins, f.path, connectorFiles)
}
