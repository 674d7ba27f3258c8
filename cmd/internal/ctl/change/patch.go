package change

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/manifest"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/internal/flags"
)

// patchFlags are the flags of suiro ctl patch.
type patchFlags struct {
	set    []string
	remove []string
	dry    bool
}

func newPatch(s *session.Session) *cobra.Command {
	var f patchFlags
	c := &cobra.Command{
		Use: "patch CONNECTOR --set KEY=VALUE", Short: "Change some keys of a connector's configuration",
		Args: session.OneConnector,
		Example: `
suiro ctl patch orders --set tasks.max=4
suiro ctl patch orders --set errors.tolerance=all --remove transforms --dry-run`,
		ValidArgsFunction: s.ConnectorNames,
		RunE: func(c *cobra.Command, args []string) error {
			changes, err := f.changes()
			if err != nil {
				return cli.UsageError{Err: err}
			}
			name := session.ConnectorArgs(args)[0]
			return s.Do(c, func(ctx context.Context, cl *client.Client) error {
				if f.dry {
					return previewPatch(ctx, cl, c, name, changes)
				}
				if err := patch(ctx, cl, name, changes); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "connector %s changed\n", flags.Printable(name))
				return err
			})
		},
	}
	c.Flags().StringArrayVarP(&f.set, "set", "s", nil, "Set a key, `key=value`; may be given again")
	c.Flags().StringArrayVarP(&f.remove, "remove", "r", nil, "Remove a `key`; may be given again")
	c.Flags().BoolVar(&f.dry, "dry-run", false,
		"Change nothing: show what would change, and what the worker says is wrong")
	return c
}

// changes are the keys with their new values, nil for those that go.
func (f *patchFlags) changes() (map[string]*string, error) {
	out := map[string]*string{}
	for _, each := range f.set {
		key, value, ok := strings.Cut(each, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--set %s: must be key=value", each)
		}
		out[key] = &value
	}
	for _, key := range f.remove {
		if out[key] != nil {
			return nil, fmt.Errorf("--remove %s: --set sets it too", key)
		}
		out[key] = nil
	}
	if len(out) == 0 {
		return nil, errors.New("nothing to change: --set key=value, or --remove key")
	}
	return out, nil
}

// patch changes some keys. A worker that cannot do that is given the whole
// configuration.
func patch(ctx context.Context, cl *client.Client, name string, changes map[string]*string) error {
	_, err := cl.Patch(ctx, name, changes)
	if !errors.Is(err, client.ErrUnsupported) {
		return err
	}
	values, err := cl.Config(ctx, name)
	if err != nil {
		return err
	}
	_, _, err = cl.Put(ctx, name, merged(values, changes))
	return err
}

// merged is a configuration with changes.
func merged(values map[string]string, changes map[string]*string) map[string]string {
	out := map[string]string{}
	for key, value := range values {
		out[key] = value
	}
	for key, value := range changes {
		if value == nil {
			delete(out, key)
			continue
		}
		out[key] = *value
	}
	return out
}

func previewPatch(ctx context.Context, cl *client.Client, c *cobra.Command, name string,
	changes map[string]*string) error {
	old, err := cl.Config(ctx, name)
	if err != nil {
		return err
	}
	next := merged(old, changes)
	infos, err := cl.Validate(ctx, next)
	if err != nil {
		return err
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "connector %s would be changed\n", flags.Printable(name))
	for _, each := range manifest.Diff(old, next, infos) {
		if _, named := changes[each.Key]; named { // what is hidden on both sides is not
			fmt.Fprintln(w, "  "+flags.Printable(each.String()))
		}
	}
	return invalid(infos)
}
