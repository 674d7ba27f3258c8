package admin

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/contexts"
	"github.com/suiro/suiro/cmd/internal/ctl/output"
	"github.com/suiro/suiro/cmd/internal/ctl/session"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/flags"
)

func newConfig(s *session.Session) *cobra.Command {
	c := &cobra.Command{
		Use: "config", Short: "Keep the addresses and logins of clusters under names",
		SuggestFor: []string{"context", "contexts"},
		Long: "Keep the addresses and logins of clusters under names, in contexts.json in the folder suiro of the user's " +
			"folder for configuration, or in the file that the variable " + contexts.Variable + " names. Only the user may " +
			"read it.",
		Example: `
suiro ctl config set-context prod --url https://connect-1:8083,https://connect-2:8083 --user ann --password-file -
suiro ctl config use-context prod`,
	}
	c.AddCommand(newSetContext(s), newUseContext(), newGetContexts(), newCurrentContext(), newDeleteContext())
	return c
}

// oneContext wants the name of one context and completes it.
func oneContext(c *cobra.Command) *cobra.Command {
	c.Args = func(c *cobra.Command, args []string) error { return session.Exactly(c, args, "the context", "NAME") }
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return session.ContextNames(), cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// changeContexts reads the contexts, changes and writes them, and prints what was done.
func changeContexts(c *cobra.Command, change func(*contexts.File) (string, error)) error {
	f, err := contexts.Read()
	if err != nil {
		return err
	}
	said, err := change(f)
	if err != nil {
		return cli.UsageError{Err: err}
	}
	if err := f.Write(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), flags.Printable(said))
	return err
}

func newSetContext(s *session.Session) *cobra.Command {
	use := false
	c := oneContext(&cobra.Command{
		Use:   "set-context NAME --url URL",
		Short: "Keep the cluster that the flags say under a name; the first one becomes current",
		RunE: func(c *cobra.Command, args []string) error {
			t, ok, err := s.Given(c)
			if !ok {
				return cli.UsageError{Err: errors.New("--url is needed: where the workers of the cluster answer")}
			}
			if err == nil {
				err = takeLogin(&t)
			}
			if err == nil {
				_, err = s.ClientOf(c, t) // which checks all of it
			}
			if err != nil {
				return cli.UsageError{Err: err}
			}
			t.Name = args[0]
			return changeContexts(c, func(f *contexts.File) (string, error) {
				f.Set(t)
				if use {
					f.Current = t.Name
				}
				return fmt.Sprintf("context %s set", t.Name), nil
			})
		},
	})
	c.Flags().BoolVar(&use, "use", false, "Make it the current one")
	return c
}

// takeLogin moves a login in a URL to where logins are kept.
func takeLogin(t *contexts.Context) error {
	for i, each := range t.URLs {
		if !strings.Contains(each, "@") {
			continue
		}
		u, err := url.Parse(each)
		if err != nil { // whose text would show the password
			return errors.New("--url: is not a URL such as http://127.0.0.1:8083")
		}
		if u.User != nil {
			t.User = u.User.Username()
			t.Password, _ = u.User.Password()
			u.User = nil
			t.URLs[i] = u.String()
		}
	}
	return nil
}

func newUseContext() *cobra.Command {
	return oneContext(&cobra.Command{
		Use: "use-context NAME", Short: "Make a context the current one",
		RunE: func(c *cobra.Command, args []string) error {
			return changeContexts(c, func(f *contexts.File) (string, error) {
				if _, _, err := f.Find(args[0]); err != nil {
					return "", err
				}
				f.Current = args[0]
				return fmt.Sprintf("context %s is current", args[0]), nil
			})
		},
	})
}

func newDeleteContext() *cobra.Command {
	return oneContext(&cobra.Command{
		Use: "delete-context NAME", Aliases: []string{"remove-context"}, Short: "Forget a context",
		RunE: func(c *cobra.Command, args []string) error {
			return changeContexts(c, func(f *contexts.File) (string, error) {
				if _, _, err := f.Find(args[0]); err != nil {
					return "", err
				}
				f.Delete(args[0])
				return fmt.Sprintf("context %s deleted", args[0]), nil
			})
		},
	})
}

// shownContext is a context without its secrets.
type shownContext struct {
	Name    string   `json:"name"`
	Current bool     `json:"current"`
	URLs    []string `json:"urls"`
	Login   string   `json:"login"`
}

func newGetContexts() *cobra.Command {
	var f session.Format
	c := &cobra.Command{
		Use: "get-contexts", Short: "List the contexts", Args: flags.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := f.Check(); err != nil {
				return err
			}
			file, err := contexts.Read()
			if err != nil {
				return err
			}
			list := []shownContext{}
			t := output.Table{Header: []string{"NAME", "CURRENT", "URL", "LOGIN"}, Empty: "There are no contexts."}
			for _, each := range file.Contexts {
				shown := shownContext{each.Name, each.Name == file.Current, each.URLs, loginOf(each)}
				list = append(list, shown)
				mark := ""
				if shown.Current {
					mark = "*"
				}
				t.Rows = append(t.Rows, []string{each.Name, mark, strings.Join(each.URLs, ","), shown.Login})
			}
			return output.Write(c.OutOrStdout(), f.Name, list, t)
		},
	}
	f.Define(c, output.Name)
	return c
}

// loginOf says how a context logs in.
func loginOf(c contexts.Context) string {
	var ways []string
	if c.User != "" {
		ways = append(ways, "user "+c.User)
	}
	if c.Token != "" {
		ways = append(ways, "token")
	}
	if c.Cert != "" {
		ways = append(ways, "certificate")
	}
	return strings.Join(ways, ", ")
}

func newCurrentContext() *cobra.Command {
	return &cobra.Command{
		Use: "current-context", Short: "Print the name of the current context", Args: flags.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f, err := contexts.Read()
			if err != nil {
				return err
			}
			if f.Current == "" {
				return errors.New("no context is current: suiro ctl config use-context NAME")
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), f.Current)
			return err
		},
	}
}
