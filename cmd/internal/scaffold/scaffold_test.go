package scaffold_test

import (
	"bytes"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/cmd/internal/scaffold"
)

// run runs the command in the working directory.
func run(args ...string) (string, error) {
	c := scaffold.New()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(args)
	err := c.Execute()
	return out.String(), err
}

// tree is the folder of Suiro's sources.
func tree(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// Each kind compiles and passes its suites, against this tree and with what is on this machine.
func TestModulesPassTheirTests(t *testing.T) {
	root := tree(t)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"connector", "orders-api"}, {"connector", "orders-store", "--sink"},
		{"converter", "lists"}, {"transform", "trim-names", "--module", "example.com/team/trim"}, {"app", "order-totals"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			if out, err := run(append(args, "--replace", root)...); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			folder := args[1]
			formatted(t, folder)
			if err := os.WriteFile(filepath.Join(folder, "go.sum"), sums, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, command := range [][]string{{"vet", "./..."}, {"test", "./..."}} {
				goes(t, folder, command...)
			}
		})
	}
}

// formatted wants each Go file as gofmt leaves it.
func formatted(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		want, err := format.Source(text)
		if err == nil && !bytes.Equal(text, want) {
			t.Errorf("%s is not as gofmt leaves it, which is\n%s", path, want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// goes runs the command go in a module.
func goes(t *testing.T, folder string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "go", args...)
	c.Dir = folder
	c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY"+"=off")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestTheCommandSaysWhatToDoNext(t *testing.T) {
	t.Chdir(t.TempDir())
	out, err := run("transform", "trim-names")
	if err != nil {
		t.Fatal(err)
	}
	want := `Wrote trim-names/README.md, trim-names/go.mod, trim-names/main.go, trim-names/trimnames/trimnames.go, trim-names/trimnames/trimnames_test.go

Next:

    cd trim-names
    go get github.com/suiro/suiro@latest
    go mod tidy
    go test ./...
    go build -o worker . && ./worker plugins trimnames.TrimNames

README.md says how it goes on.
`
	if filepath.ToSlash(out) != want {
		t.Errorf("output:\n%s\nwant:\n%s", out, want)
	}
	if text, _ := os.ReadFile("trim-names/go.mod"); string(text) != "module example.com/trim-names\n\ngo 1.26\n" {
		t.Errorf("go.mod of a program without a version:\n%s", text)
	}
}

func TestNothingIsWrittenOver(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("lists", 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := run("converter", "lists")
	if err == nil || !strings.Contains(err.Error(), "lists is there already") {
		t.Errorf("run = %v, want that the folder is there", err)
	}
	if files, _ := os.ReadDir("lists"); len(files) > 0 {
		t.Errorf("%d files were written", len(files))
	}
}

func TestWrongNamesAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"app"}, "0 arguments: give it a name: new app NAME"},
		{[]string{"app", "a", "b"}, "2 arguments"},
		{[]string{"app", "Orders"}, "a name has small letters"},
		{[]string{"app", "../a"}, "a name has small letters"},
		{[]string{"app", "1st"}, "a name has small letters"},
		{[]string{"transform", "type"}, "cannot be the name of the Go package"},
		{[]string{"transform", "flatten"}, "there is a plugin Flatten in Suiro"},
		{[]string{"connector", "mirror-source"}, "there is a plugin MirrorSource in Suiro"},
		{[]string{"app", "a", "--module", "a b"}, "--module"},
		{[]string{"app", "a", "--replace", "."}, "does not have Suiro's go.mod"},
		{[]string{"converter", "a", "--sink"}, "unknown flag"},
	} {
		if _, err := run(tt.args...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("new %s = %v, want an error with %q", strings.Join(tt.args, " "), err, tt.want)
		}
	}
	if files, _ := os.ReadDir("."); len(files) > 0 {
		t.Errorf("%d files were written", len(files))
	}
}
