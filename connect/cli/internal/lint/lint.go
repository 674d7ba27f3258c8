// Package lint finds what is legal and probably wrong in the files of connectors.
package lint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/cli/internal/command"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/configfiles"
	"github.com/suiro/suiro/internal/flags"
)

// lintFlags are the flags of suiro connect lint.
type lintFlags struct {
	check.Flags
	disable []string
	list    bool
}

// New returns the command.
func New(plugins connect.Plugins) *cobra.Command {
	var f lintFlags
	c := &cobra.Command{
		Use:   "lint [--config worker.properties] FOLDER|FILE...",
		Short: "Find what is legal and probably wrong in the files of connectors",
		Long: `Find what is legal and probably wrong in the files of connectors, without a cluster: records that are dropped ` +
			`silently, secrets in plain text, two connectors that do the same, keys without effect. --rules lists all rules ` +
			`with their reasons, and --disable leaves some out. Connectors are compared with those of all files that are named ` +
			`together.

A file holds one connector, as JSON, YAML or properties. A folder stands for all of them in it and below, but for the ` +
			`files of workers and those of suiro connect test. --config is used as by suiro connect validate.

The exit code is 0 when nothing was found, 1 when something was or when a file is not valid, and 2 when the command ` +
			`line is wrong or there is no such file.`,
		Example: `
suiro connect lint connectors/
suiro connect lint --config worker.properties connectors/ --disable plain-secret,no-effect
suiro connect lint --rules`,
		Args: func(c *cobra.Command, args []string) error {
			if f.list {
				return nil
			}
			return command.SomeFiles(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error { return f.execute(c, plugins, args) },
	}
	f.Define(c, "a line for each finding")
	c.Flags().StringSliceVar(&f.disable, "disable", nil, "Leave out the `rule`; several with commas, and may be given again")
	c.Flags().BoolVar(&f.list, "rules", false, "List the rules with their reasons, and look at no file")
	_ = c.RegisterFlagCompletionFunc("disable", // the flag exists
		cobra.FixedCompletions(names(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func names() (out []string) {
	for _, r := range rules() {
		out = append(out, r.Name)
	}
	return out
}

func (f *lintFlags) execute(c *cobra.Command, plugins connect.Plugins, args []string) error {
	if err := f.check(); err != nil {
		return command.Usage(err)
	}
	if f.list {
		return f.printRules(c.OutOrStdout())
	}
	files, err := configfiles.Files(args)
	if err != nil {
		return command.Usage(err)
	}
	s := f.Setup(plugins, files)
	findings := find(plugins, s, f.disable)
	if err := f.print(c.OutOrStdout(), findings); err != nil {
		return err
	}
	sum := fmt.Sprintf("%s in %s", command.Amount(len(findings), "finding"), command.Amount(len(files), "file"))
	if len(findings) > 0 {
		return errors.New(sum)
	}
	if !f.Output.JSON() {
		_, err = fmt.Fprintln(c.OutOrStdout(), sum)
	}
	return err
}

// check refuses rules that there are not.
func (f *lintFlags) check() error {
	for _, name := range f.disable {
		if slices.Contains(names(), name) {
			continue
		}
		if near := config.Nearest(name, names()); near != "" {
			return fmt.Errorf("--disable %s: there is no such rule, did you mean %s?", name, near)
		}
		return fmt.Errorf("--disable %s: there is no such rule: --rules lists all", name)
	}
	return f.Check()
}

// finding is what a rule has found, as programs read it.
type finding struct {
	File      string `json:"file"`
	Connector string `json:"connector,omitempty"`
	Rule      string `json:"rule"`
	Key       string `json:"key,omitempty"`
	Message   string `json:"message"`
	Remedy    string `json:"remedy"`
}

// invalid is the rule of files that are not valid. It is none of the others, and cannot be
// left out.
const invalid = "invalid"

// find looks at all files, in their order.
func find(plugins connect.Plugins, s *check.Setup, disabled []string) (out []finding) {
	var all []*connector
	for _, r := range s.Reports {
		if r.Plan != nil && len(r.Problems) == 0 {
			all = append(all, newConnector(plugins, r))
		}
	}
	for _, r := range s.Reports {
		for _, p := range r.Problems {
			out = append(out, finding{r.Path, r.Connector, invalid, p.Key, p.Text(),
				"Correct the file: no other rule has looked at it."})
		}
		i := slices.IndexFunc(all, func(c *connector) bool { return c.Report == r })
		if i < 0 {
			continue
		}
		for _, rule := range rules() {
			if slices.Contains(disabled, rule.Name) {
				continue
			}
			for _, f := range rule.check(all[i], all) {
				out = append(out, finding{r.Path, r.Connector, rule.Name, f.key, f.message, rule.Remedy})
			}
		}
	}
	return out
}

func (f *lintFlags) print(w io.Writer, findings []finding) error {
	if f.Output.JSON() {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		for _, each := range findings {
			if err := e.Encode(each); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	path := ""
	for _, each := range findings {
		if each.File != path {
			path = each.File
			b.WriteString(title(each) + "\n")
		}
		text := strings.TrimSpace(each.Key + " " + each.Message)
		if each.Rule == invalid {
			text = each.Message
		}
		paragraph(&b, "  ", "    ", each.Rule+": "+text)
		paragraph(&b, "    ", "    ", each.Remedy)
	}
	_, err := io.WriteString(w, flags.Printable(b.String()))
	return err
}

func title(f finding) string {
	if f.Connector == "" {
		return f.File
	}
	return f.File + ": connector " + f.Connector
}

// paragraph writes a text with blanks before its first and its further lines.
func paragraph(b *strings.Builder, first, further, text string) {
	for i, line := range strings.Split(flags.Wrap(text, flags.Columns-len(further)), "\n") {
		indent := further
		if i == 0 {
			indent = first
		}
		b.WriteString(indent + line + "\n")
	}
}

// printRules lists the rules.
func (f *lintFlags) printRules(w io.Writer) error {
	if f.Output.JSON() {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(rules())
	}
	var b strings.Builder
	for i, r := range rules() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(r.Name + "\n")
		paragraph(&b, "  ", "  ", "Finds "+r.Finds+".")
		paragraph(&b, "  ", "  ", r.Reason)
		paragraph(&b, "  ", "  ", r.Remedy)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
