package change

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/manifest"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

// filesForm says what files hold, in the help of the commands that read them.
const filesForm = "A file holds one connector: JSON, {\"name\": ..., \"config\": {...}}, " +
	"with or without an initial_state, a flat object with a name, the same as YAML, or properties. - is " +
	"the standard input."

// connectorFiles are the files that a command reads connectors from.
type connectorFiles struct{ paths []string }

func (f *connectorFiles) define(c *cobra.Command) {
	c.Flags().StringSliceVarP(&f.paths, "filename", "f", nil, "The `file` of a connector; may be given again")
}

// read reads the files that -f and the arguments name. The error has all that is wrong.
func (f *connectorFiles) read(c *cobra.Command, args []string) ([]api.CreateConnectorRequest, error) {
	paths := append(append([]string(nil), f.paths...), args...)
	if len(paths) == 0 {
		return nil, cli.UsageError{Err: fmt.Errorf("name at least one file: %s -f connector.json", c.CommandPath())}
	}
	var out []api.CreateConnectorRequest
	var errs []error
	for _, path := range paths {
		each, err := manifest.Read(path, c.InOrStdin())
		errs = append(errs, err)
		out = append(out, each)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, cli.UsageError{Err: err}
	}
	return out, nil
}

// onEach does something with the connector of each file, and goes on when it fails.
func (f *connectorFiles) onEach(s *session.Session, do func(context.Context, *client.Client, io.Writer,
	api.CreateConnectorRequest) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		list, err := f.read(c, args)
		if err != nil {
			return err
		}
		return s.Do(c, func(ctx context.Context, cl *client.Client) error {
			var errs []error
			for _, each := range list {
				if err := do(ctx, cl, c.OutOrStdout(), each); err != nil {
					errs = append(errs, fmt.Errorf("connector %s: %w", each.Name, err))
				}
			}
			return errors.Join(errs...)
		})
	}
}

func newApply(s *session.Session) *cobra.Command {
	var f connectorFiles
	dry := false
	c := &cobra.Command{
		Use: "apply -f FILE...", Short: "Make connectors what files say: create them, or change their configurations",
		Long: "Make connectors what files say: create them, or change their configurations. One whose configuration is " +
			"that of its file already is left alone. An initial_state counts for new connectors.\n\n" + filesForm,
		Example: `
suiro ctl apply -f orders.json
suiro ctl apply -f orders.json --dry-run
suiro ctl get config orders -o json | suiro ctl --context test apply -f -`,
	}
	c.RunE = f.onEach(s, func(ctx context.Context, cl *client.Client, w io.Writer, r api.CreateConnectorRequest) error {
		if dry {
			return preview(ctx, cl, w, r)
		}
		return apply(ctx, cl, w, r)
	})
	f.define(c)
	c.Flags().BoolVar(&dry, "dry-run", false, "Change nothing: show what would change, and what the worker says is wrong")
	return c
}

// apply makes a connector what a file says.
func apply(ctx context.Context, cl *client.Client, w io.Writer, r api.CreateConnectorRequest) error {
	old, err := cl.Config(ctx, r.Name)
	switch {
	case errors.Is(err, client.ErrNotFound) && r.InitialState != "":
		return create(ctx, cl, w, r)
	case err != nil && !errors.Is(err, client.ErrNotFound):
		return err
	case err == nil && len(manifest.Diff(old, r.Config, api.ConfigInfos{})) == 0:
		_, err := fmt.Fprintf(w, "connector %s unchanged\n", flags.Printable(r.Name))
		return err
	}
	_, created, err := cl.Put(ctx, r.Name, r.Config)
	if err != nil {
		return err
	}
	done := "changed"
	if created {
		done = "created"
	}
	_, err = fmt.Fprintf(w, "connector %s %s\n", flags.Printable(r.Name), done)
	return err
}

// create makes a new connector.
func create(ctx context.Context, cl *client.Client, w io.Writer, r api.CreateConnectorRequest) error {
	if _, err := cl.Create(ctx, r); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "connector %s created\n", flags.Printable(r.Name))
	return err
}

// preview shows what apply would do. The error is what the worker would refuse.
func preview(ctx context.Context, cl *client.Client, w io.Writer, r api.CreateConnectorRequest) error {
	old, err := cl.Config(ctx, r.Name)
	isNew := errors.Is(err, client.ErrNotFound)
	if err != nil && !isNew {
		return err
	}
	infos, err := cl.Validate(ctx, r.Config)
	if err != nil {
		return err
	}
	changes := manifest.Diff(old, r.Config, infos)
	would := "would be changed"
	switch {
	case isNew:
		would = "would be created"
	case len(changes) == 0:
		would = "would stay as it is"
	}
	fmt.Fprintf(w, "connector %s %s\n", flags.Printable(r.Name), would)
	for _, each := range changes {
		fmt.Fprintln(w, "  "+flags.Printable(each.String()))
	}
	return invalid(infos)
}

// invalid is what a validation found, nil for nothing.
func invalid(infos api.ConfigInfos) error {
	if infos.ErrorCount == 0 {
		return nil
	}
	var lines []string
	for _, c := range infos.Configs {
		for _, text := range c.Value.Errors {
			if !strings.Contains(text, c.Value.Name) {
				text = c.Value.Name + ": " + text
			}
			lines = append(lines, text)
		}
	}
	return fmt.Errorf("the configuration is not valid:\n  %s", strings.Join(lines, "\n  "))
}

func newCreate(s *session.Session) *cobra.Command {
	var f connectorFiles
	state := ""
	c := &cobra.Command{
		Use: "create -f FILE...", Short: "Create connectors, and refuse those that exist already",
		Long: "Create connectors, and refuse those that exist already.\n\n" + filesForm,
	}
	run := f.onEach(s, func(ctx context.Context, cl *client.Client, w io.Writer, r api.CreateConnectorRequest) error {
		if state != "" {
			if err := r.InitialState.UnmarshalText([]byte(state)); err != nil {
				return err
			}
		}
		return create(ctx, cl, w, r)
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		var known api.InitialState
		if err := known.UnmarshalText([]byte(state)); state != "" && err != nil {
			return cli.UsageError{Err: fmt.Errorf("--state %s: must be running, paused or stopped", state)}
		}
		return run(c, args)
	}
	f.define(c)
	c.Flags().StringVar(&state, "state", "",
		"The `state` to begin in: running, paused or stopped (default the file's, or running)")
	_ = c.RegisterFlagCompletionFunc("state", // the flag exists
		cobra.FixedCompletions([]string{"running", "paused", "stopped"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func newValidate(s *session.Session) *cobra.Command {
	var f connectorFiles
	c := &cobra.Command{
		Use: "validate -f FILE...", Short: "Let the worker say what is wrong with the configurations in files",
		Long:       "Let the worker say what is wrong with the configurations in files. Nothing is changed.\n\n" + filesForm,
		SuggestFor: []string{"check", "lint"},
	}
	c.RunE = f.onEach(s, func(ctx context.Context, cl *client.Client, w io.Writer, r api.CreateConnectorRequest) error {
		infos, err := cl.Validate(ctx, r.Config)
		if err == nil {
			err = invalid(infos)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "connector %s is valid\n", flags.Printable(r.Name))
		return err
	})
	f.define(c)
	return c
}
