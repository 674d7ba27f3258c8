package ctl_test

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/cmd/internal/ctl"
	"github.com/suiro/suiro/cmd/internal/ctl/contexts"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli"
)

// terminal is where a person types suiro ctl: a cluster, and a file of contexts of its
// own.
type terminal struct {
	*testing.T
	url string
}

func newTerminal(t *testing.T, url string) *terminal {
	t.Helper()
	t.Setenv(contexts.Variable, filepath.Join(t.TempDir(), "contexts.json"))
	return &terminal{t, url}
}

// typed executes suiro ctl with arguments, in which URL is the cluster's, and returns
// what it printed, with URL in the place of the cluster's.
func (t *terminal) typed(ctx context.Context, in string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	root := cli.Command(connect.Plugins{})
	root.AddCommand(ctl.New())
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "URL", t.url)
	}
	root.SetArgs(append([]string{"ctl"}, args...))
	var out, err bytes.Buffer
	root.SetIn(strings.NewReader(in))
	root.SetOut(&out)
	root.SetErr(&err)
	code = cli.Execute(ctx, root)
	return code, strings.ReplaceAll(out.String(), t.url, "URL"), strings.ReplaceAll(err.String(), t.url, "URL")
}

// step is a command line, what it reads, and what must come of it.
type step struct {
	args string
	in   string
	code int
	want []string // parts of what it prints, in order
}

// run types each step.
func (t *terminal) run(steps []step) {
	t.Helper()
	for _, s := range steps {
		code, stdout, stderr := t.typed(t.Context(), s.in, strings.Fields(s.args)...)
		printed := stdout + stderr
		if code != s.code {
			t.Errorf("suiro ctl %s: code %d, want %d:\n%s", s.args, code, s.code, printed)
		}
		rest := printed
		for _, want := range s.want {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("suiro ctl %s prints\n%s\nwant %q in it, in order", s.args, printed, want)
				break
			}
			rest = after
		}
	}
}

// complete asks for what a shell offers after the arguments.
func (t *terminal) complete(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	root := cli.Command(connect.Plugins{})
	root.AddCommand(ctl.New())
	root.SetArgs(append([]string{"__complete", "ctl"}, args...))
	var out, err bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&err)
	code = cli.Execute(ctx, root)
	return code, out.String(), err.String()
}
