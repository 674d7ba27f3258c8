package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/internal/flags"
)

var update = flag.Bool("update", false, "write what the commands print into testdata/script")

// TestScripts runs the command line in the first line of each file in
// testdata/script, in a folder with the file's other parts. want.stdout, want.stderr
// and want.code are what must come out of it; has.stdout, instead of want.stdout, holds
// some of the lines.
func TestScripts(t *testing.T) { runScripts(t, "testdata/script/*.txtar", shop()) }

// TestTrials is TestScripts for commands that make the plugins of connectors, which are
// the built-in ones, in testdata/trial.
func TestTrials(t *testing.T) { runScripts(t, "testdata/trial/*.txtar", builtin.Plugins()) }

func runScripts(t *testing.T, pattern string, plugins connect.Plugins) {
	t.Helper()
	scripts, err := filepath.Glob(pattern)
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			absolute, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			runScript(t, absolute, archive, plugins)
		})
	}
}

func runScript(t *testing.T, path string, archive *txtar.Archive, plugins connect.Plugins) {
	t.Helper()
	want := map[string]string{}
	var inputs []txtar.File
	some := ""
	t.Chdir(t.TempDir())
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, "want.") {
			want[f.Name] = string(f.Data)
			continue
		}
		inputs = append(inputs, f)
		if f.Name == "has.stdout" {
			some = string(f.Data)
			continue
		}
		if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	line, _, _ := strings.Cut(string(archive.Comment), "\n")
	args := strings.Fields(line)
	if len(args) == 0 || args[0] != "suiro" {
		t.Fatalf("the first line is %q, want suiro and its arguments", line)
	}
	var stdout, stderr bytes.Buffer
	code := runWith(t.Context(), plugins, args[1:], &stdout, &stderr)
	got := map[string]string{"want.stdout": stdout.String(), "want.stderr": stderr.String(),
		"want.code": fmt.Sprintln(code)}
	if strings.Contains(stdout.String()+stderr.String(), "top-secret") {
		t.Errorf("the output shows a secret:\n%s%s", &stdout, &stderr)
	}
	for line := range strings.Lines(some) {
		if !strings.Contains(stdout.String(), "\n"+line) {
			t.Errorf("the standard output lacks the line %swhole:\n%s", line, &stdout)
		}
	}
	if some != "" {
		delete(got, "want.stdout")
	}
	if *update {
		archive.Files = inputs
		for _, name := range []string{"want.stdout", "want.stderr", "want.code"} {
			if got[name] != "" {
				archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(got[name])})
			}
		}
		if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	for name, text := range got {
		if text != want[name] {
			t.Errorf("%s:\n%s\nwant:\n%s", name, text, want[name])
		}
	}
	for out := range strings.Lines(stdout.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(out, "\n")); n > flags.Columns && !strings.Contains(line, "json") &&
			!strings.Contains(line, "dry-run") && !strings.Contains(line, "connect test") && // records are as long as they are
			!strings.Contains(line, "connect schema ") {
			t.Errorf("%d columns on the standard output: %s", n, out)
		}
	}
}
