package see

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/manifest"
	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

func newDescribe(s *session.Session) *cobra.Command {
	c := &cobra.Command{Use: "describe", Short: "Show all there is to know about a connector or a plugin",
		Example: "suiro ctl describe connector orders\nsuiro ctl describe plugin FileStreamSource"}
	c.AddCommand(newDescribeConnector(s), newDescribePlugin(s))
	return c
}

// connectorFacts are all that a worker says about a connector.
type connectorFacts struct {
	Info    api.ConnectorInfo     `json:"info"`
	Status  api.ConnectorStatus   `json:"status"`
	Topics  []string              `json:"topics"`
	Offsets []api.ConnectorOffset `json:"offsets"`
}

func newDescribeConnector(s *session.Session) *cobra.Command {
	var f session.Format
	c := &cobra.Command{
		Use: "connector NAME", Aliases: []string{"c"}, Args: session.OneConnector, ValidArgsFunction: s.ConnectorNames,
		Short: "Show a connector's states with their errors, its topics, offsets and configuration",
		Long: "Show a connector's states with their errors, its topics, offsets and configuration. Values of keys that " +
			"are called like secrets are hidden; get config shows what the worker does.",
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.Check(); err != nil {
				return err
			}
			return s.Do(c, func(ctx context.Context, cl *client.Client) error {
				facts, err := describe(ctx, cl, args[0])
				if err != nil {
					return err
				}
				if f.Name != output.TableFormat {
					return output.Write(c.OutOrStdout(), f.Name, facts, output.Table{})
				}
				_, err = fmt.Fprint(c.OutOrStdout(), flags.Printable(facts.text()))
				return err
			})
		},
	}
	f.Define(c)
	return c
}

// describe asks for all about a connector. Workers that have no offsets or topics to show
// leave them out.
func describe(ctx context.Context, cl *client.Client, name string) (connectorFacts, error) {
	var f connectorFacts
	var err error
	if f.Info, err = cl.Connector(ctx, name); err != nil {
		return f, err
	}
	for key := range f.Info.Config {
		if manifest.LooksSecret(key) {
			f.Info.Config[key] = manifest.Hidden
		}
	}
	// A worker that has just been told of the connector has no status yet.
	if f.Status, err = cl.Status(ctx, name); err != nil && !errors.Is(err, client.ErrNotFound) {
		return f, err
	}
	f.Topics, err = cl.Topics(ctx, name)
	if err != nil && !errors.Is(err, client.ErrDenied) && !errors.Is(err, client.ErrUnsupported) {
		return f, err
	}
	slices.Sort(f.Topics)
	offsets, err := cl.Offsets(ctx, name)
	f.Offsets = offsets.Offsets
	var refused *client.Error
	if errors.As(err, &refused) { // its plugin or its Kafka may not say
		err = nil
	}
	return f, err
}

// text is what people are shown.
func (f connectorFacts) text() string {
	var b strings.Builder
	row := func(name, value string) { fmt.Fprintf(&b, "%-10s%s\n", name, value) }
	row("Name:", f.Info.Name)
	row("Type:", string(f.Info.Type))
	row("State:", output.State(f.Status.Connector))
	if len(f.Topics) > 0 {
		row("Topics:", strings.Join(f.Topics, ", "))
	}
	b.WriteString(indentedTrace(f.Status.Connector.Trace))
	fmt.Fprintf(&b, "Tasks:    %s\n", output.Tally(f.Status.Tasks))
	for _, t := range f.Status.Tasks {
		fmt.Fprintf(&b, "  %d: %s\n", t.ID, output.State(t.ConnectorState))
		b.WriteString(indentedTrace(t.Trace))
	}
	if len(f.Offsets) > 0 {
		b.WriteString("Offsets:\n")
		for _, row := range offsetsTable(api.ConnectorOffsets{Offsets: f.Offsets}).Rows {
			fmt.Fprintf(&b, "  %s: %s\n", row[0], row[1])
		}
	}
	b.WriteString("Configuration:\n")
	for _, key := range slices.Sorted(maps.Keys(f.Info.Config)) {
		fmt.Fprintf(&b, "  %s = %s\n", key, f.Info.Config[key])
	}
	return b.String()
}

func indentedTrace(trace string) string {
	if trace == "" {
		return ""
	}
	return "      " + strings.ReplaceAll(strings.TrimSpace(trace), "\n", "\n      ") + "\n"
}

func newDescribePlugin(s *session.Session) *cobra.Command {
	var f session.Format
	version := ""
	c := &cobra.Command{
		Use: "plugin NAME", Short: "Show the keys of a connector, converter, transform or predicate",
		Args: func(c *cobra.Command, args []string) error {
			return session.Exactly(c, args, "the plugin by its class or an alias", "NAME")
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.Check(); err != nil {
				return err
			}
			return s.Do(c, func(ctx context.Context, cl *client.Client) error {
				keys, err := cl.PluginKeys(ctx, args[0], version)
				if err != nil {
					return err
				}
				if f.Name != output.TableFormat {
					return output.Write(c.OutOrStdout(), f.Name, keys, output.Table{})
				}
				_, err = fmt.Fprint(c.OutOrStdout(), flags.Printable(keysText(keys)))
				return err
			})
		},
	}
	c.Flags().StringVar(&version, "plugin-version", "", "The `version` of the plugin (default the latest)")
	f.Define(c)
	return c
}

// keysText lists keys with what each means.
func keysText(keys []api.ConfigKeyInfo) string {
	var rows [][2]string
	for _, k := range keys {
		facts := []string{strings.ToLower(k.Type)}
		switch {
		case k.Required:
			facts = append(facts, "required")
		case k.DefaultValue != nil && *k.DefaultValue != "":
			facts = append(facts, "default "+*k.DefaultValue)
		}
		rows = append(rows, [2]string{k.Name, k.Documentation + " (" + strings.Join(facts, "; ") + ")"})
	}
	return flags.Table(rows)
}
