package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/flags"
)

// pluginsFlags are the flags of suiro plugins.
type pluginsFlags struct {
	output string
	all    bool
}

func newPluginsCommand(plugins connect.Plugins) *cobra.Command {
	var f pluginsFlags
	list := catalog(plugins)
	c := &cobra.Command{
		Use:        "plugins [NAME]",
		Short:      "List connectors, converters, transforms and predicates, or the keys of one",
		GroupID:    groupConnect,
		SuggestFor: []string{"connectors", "connector-plugins", "converters", "transforms", "predicates", "list"},
		Long: "List the connectors, converters, transforms and predicates that are part of this program, or all that " +
			"there is to know about one: its class, its aliases and its configuration keys.",
		Example: `
suiro plugins
suiro plugins FileStreamSource
suiro plugins InsertField -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%d names: name one plugin, or none for a list of all", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, list, args) },
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return completions(list, args), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().StringVarP(&f.output, "output", "o", "text", "Print `text` or json")
	c.Flags().BoolVar(&f.all, "all", false, "Show also the keys that every connector of the kind has")
	_ = c.RegisterFlagCompletionFunc("output",
		cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)) // the flag exists
	return c
}

// completions are the names that may follow args.
func completions(list []plugin, args []string) []string {
	if len(args) > 0 {
		return nil
	}
	var out []string
	for _, p := range list {
		out = append(out, p.name())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (f *pluginsFlags) execute(c *cobra.Command, list []plugin, args []string) error {
	if f.output != "text" && f.output != "json" {
		return command.Usage(fmt.Errorf("--output %s: must be text or json", f.output))
	}
	w := c.OutOrStdout()
	if len(args) == 0 {
		if f.output == "json" {
			return printJSON(w, list, nil)
		}
		return printList(w, c.Root().Name(), list)
	}
	found := named(list, args[0])
	if len(found) == 0 {
		if near := nearest(list, args[0]); near != "" {
			return command.Usage(fmt.Errorf("there is no plugin %s, did you mean %s?", args[0], near))
		}
		return command.Usage(fmt.Errorf("there is no plugin %s: %s plugins lists all", args[0], c.Root().Name()))
	}
	if f.output == "json" {
		return printJSON(w, found, f.keys)
	}
	for i, p := range found {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := f.printOne(w, p); err != nil {
			return err
		}
	}
	return nil
}

// keys are a plugin's own, and with --all those of every plugin of its kind.
func (f *pluginsFlags) keys(p plugin) []config.Key {
	var own []config.Key
	if p.Def != nil {
		own = p.Def.Keys()
	}
	if !f.all {
		return own
	}
	var runtime []config.Key
	switch p.kind {
	case sourceKind:
		runtime = plan.ConnectorDef(plan.Source).Keys()
	case sinkKind:
		runtime = plan.ConnectorDef(plan.Sink).Keys()
	}
	own = append(own, slices.DeleteFunc(runtime, func(k config.Key) bool {
		return slices.ContainsFunc(own, func(o config.Key) bool { return o.Name == k.Name })
	})...)
	return byGroup(own)
}

// byGroup puts the keys of a group together, where the first of them is.
func byGroup(keys []config.Key) []config.Key {
	place := map[string]int{}
	for _, k := range keys {
		if _, seen := place[k.Group]; !seen {
			place[k.Group] = len(place)
		}
	}
	slices.SortStableFunc(keys, func(a, b config.Key) int { return place[a.Group] - place[b.Group] })
	return keys
}

// printList prints every plugin with what it does.
func printList(w io.Writer, program string, list []plugin) error {
	var b strings.Builder
	for i, p := range list {
		if i == 0 || p.kind != list[i-1].kind {
			of := list[i:]
			if n := slices.IndexFunc(of, func(o plugin) bool { return o.kind != p.kind }); n >= 0 {
				of = of[:n]
			}
			b.WriteString(p.kind.title + "\n" + tableOf(of) + "\n")
		}
	}
	fmt.Fprintf(&b, "%s plugins NAME shows the class and the keys of one.\n", program)
	_, err := io.WriteString(w, b.String())
	return err
}

func tableOf(list []plugin) string {
	rows := make([][2]string, len(list))
	for i, p := range list {
		rows[i] = [2]string{"  " + p.name(), command.FirstSentence(p.Doc)}
	}
	return flags.Table(rows)
}

// printOne prints all about a plugin.
func (f *pluginsFlags) printOne(w io.Writer, p plugin) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, a %s\n", p.name(), p.kind.noun)
	if p.Doc != "" {
		b.WriteString(indented(p.Doc, 2))
	}
	b.WriteByte('\n')
	rows := [][2]string{{"  class", p.Class}}
	if len(p.Aliases) > 0 {
		rows = append(rows, [2]string{"  aliases", strings.Join(p.Aliases, ", ")})
	}
	if p.Version != "" {
		rows = append(rows, [2]string{"  version", p.Version})
	}
	b.WriteString(flags.Table(rows))
	keys := f.keys(p)
	switch {
	case len(keys) == 0:
		b.WriteString("\nIt has no keys of its own.\n")
	case p.kind.prefix != "":
		fmt.Fprintf(&b, "\nKeys, after %s in a configuration\n", p.kind.prefix)
	default:
		b.WriteString("\nKeys\n")
	}
	group := ""
	for _, k := range keys {
		if k.Group != group && k.Group != "" {
			fmt.Fprintf(&b, "\n  %s\n", k.Group)
		}
		group = k.Group
		fmt.Fprintf(&b, "  %s\n", k.Name)
		b.WriteString(indented(k.Doc, 6))
		b.WriteString(indented("("+flags.Facts(k)+")", 6))
	}
	if (p.kind == sourceKind || p.kind == sinkKind) && !f.all {
		b.WriteString("\n--all shows also the keys that every connector has, such as tasks.max and errors.tolerance.\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// indented is a text in lines with blanks before them.
func indented(text string, by int) string {
	blanks := strings.Repeat(" ", by)
	text = flags.Wrap(text, flags.Columns-by)
	return blanks + strings.ReplaceAll(text, "\n", "\n"+blanks) + "\n"
}

// pluginJSON is a plugin as programs read it.
type pluginJSON struct {
	Kind    string    `json:"kind"`
	Class   string    `json:"class"`
	Name    string    `json:"name"`
	Aliases []string  `json:"aliases"`
	Version string    `json:"version"`
	Doc     string    `json:"doc"`
	Keys    []keyJSON `json:"keys,omitempty"`
}

// keyJSON is a key as programs read it.
type keyJSON struct {
	Name       string  `json:"name"`
	Type       string  `json:"type"`
	Required   bool    `json:"required"`
	Default    *string `json:"default"`
	Accepts    string  `json:"accepts,omitempty"`
	Importance string  `json:"importance"`
	Group      string  `json:"group,omitempty"`
	Doc        string  `json:"doc"`
}

// printJSON prints plugins, with their keys where keys is not nil.
func printJSON(w io.Writer, list []plugin, keys func(plugin) []config.Key) error {
	out := make([]pluginJSON, len(list))
	for i, p := range list {
		out[i] = pluginJSON{Kind: p.kind.api, Class: p.Class, Name: p.name(), Aliases: append([]string{}, p.Aliases...),
			Version: p.Version, Doc: p.Doc}
		if keys == nil {
			continue
		}
		for _, k := range keys(p) {
			out[i].Keys = append(out[i].Keys, jsonOf(k))
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

func jsonOf(k config.Key) keyJSON {
	out := keyJSON{Name: k.Name, Type: strings.ToLower(k.Type.String()), Required: k.Required, Group: k.Group, Doc: k.Doc,
		Importance: strings.ToLower(k.Importance.String())}
	if k.Valid != nil {
		out.Accepts = k.Valid.String()
	}
	if text, ok := k.DefaultText(); ok {
		out.Default = &text
	}
	return out
}
