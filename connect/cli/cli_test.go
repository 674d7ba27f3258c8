package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/internal/buildinfo"
)

func TestAnUnknownCommandIsAUsageError(t *testing.T) {
	var stdout, stderr output
	if got := run(t.Context(), []string{"conect"}, &stdout, &stderr); got != ExitUsage {
		t.Errorf("exit code = %d, want %d", got, ExitUsage)
	}
	if want := `unknown command "conect": did you mean connect?`; !strings.Contains(stderr.String(), want) {
		t.Errorf("stderr = %s\nwant it to hold %q", &stderr, want)
	}
}

// Somebody copies the examples of a help, so they call the program that is there.
func TestExamplesCallTheProgramByItsName(t *testing.T) {
	for _, args := range [][]string{{"connect"}, {"plugins"}, {"topics"}, {"topics", "create"}} {
		root := Command(shop())
		root.Use = "orders-worker"
		var help output
		root.SetOut(&help)
		root.SetArgs(append(args, "--help"))
		if got := Execute(t.Context(), root); got != ExitOK {
			t.Fatalf("exit code of %q = %d, want %d", args, got, ExitOK)
		}
		want := "  orders-worker " + strings.Join(args, " ")
		_, examples, _ := strings.Cut(help.String(), "Examples:")
		if !strings.Contains(examples, want) || strings.Contains(examples, "suiro") {
			t.Errorf("help of %q = %s\nwant examples that begin with %q", args, &help, want)
		}
	}
}

// A test's binary has no version of its own, which is also the only place where it
// is certain.
func TestVersionIsThatOfTheBuild(t *testing.T) {
	var stdout, stderr output
	if got := run(t.Context(), []string{"--version"}, &stdout, &stderr); got != ExitOK {
		t.Errorf("exit code = %d, want %d", got, ExitOK)
	}
	if got, want := stdout.String(), "suiro version "+buildinfo.String()+"\n"; got != want {
		t.Errorf("suiro --version = %q, want %q", got, want)
	}
}

// A further command that is called like one that is there only brings what is below it.
func TestCommandsAreAddedBelowThoseThatAreThere(t *testing.T) {
	root := Command(shop())
	more := &cobra.Command{Use: "connect", Short: "Not this one"}
	more.AddCommand(&cobra.Command{Use: "audit", Short: "Audit", Run: func(*cobra.Command, []string) {}})
	Add(root, more, &cobra.Command{Use: "audit", Short: "Audit all", Run: func(*cobra.Command, []string) {}})
	for _, path := range [][]string{{"connect", "audit"}, {"connect", "test"}, {"audit"}} {
		c, _, err := root.Find(path)
		if want := "suiro " + strings.Join(path, " "); err != nil || c.CommandPath() != want {
			t.Errorf("found %s, %v, want %s", c.CommandPath(), err, want)
		}
	}
	if c, _, _ := root.Find([]string{"connect"}); c.Short == more.Short {
		t.Errorf("connect has been replaced")
	}
}
