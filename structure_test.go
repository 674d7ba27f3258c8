package suiro_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// module is the path of this module, as in go.mod.
const module = "github.com/suiro/suiro"

// rule is one house rule: what checks it, and the smallest trees that break it.
type rule struct {
	name   string
	check  func(*tree) []string
	breaks []broken
}

// broken is a file that breaks a rule, and words of the complaint it must cause.
type broken struct {
	path, text, want string
}

// osDir is the module on disk.
func osDir() fs.FS { return os.DirFS(".") }

func TestHouseRules(t *testing.T) {
	root, err := load(osDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(root.files) == 0 {
		t.Fatal("no Go files found")
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			for _, complaint := range r.check(root) {
				t.Error(complaint)
			}
		})
	}
}

// A check that can't fail holds nothing: each rule is shown a file that breaks it.
func TestHouseRulesCanFail(t *testing.T) {
	for _, r := range rules {
		if len(r.breaks) == 0 {
			t.Errorf("rule %q has no file that breaks it", r.name)
		}
		for _, b := range r.breaks {
			t.Run(r.name+"/"+b.want, func(t *testing.T) {
				got := r.check(small(t, b.path, b.text))
				if len(got) != 1 || !strings.Contains(got[0], b.want) {
					t.Errorf("check(%s) = %q, want one complaint with %q", b.path, got, b.want)
				}
			})
		}
	}
}

// Each wall stops the import in a place that may not have it and lets it pass in one that may.
func TestWallsStand(t *testing.T) {
	for _, w := range walls {
		t.Run(w.imports+" in "+strings.Join(w.from, ","), func(t *testing.T) {
			text := "package x\n\nimport _ \"" + strings.TrimSuffix(w.imports, "/...") + "\"\n"
			outside := "elsewhere"
			if len(w.from) > 0 {
				outside = strings.TrimSuffix(w.from[0], "/...")
			}
			if got := w.check(small(t, outside+"/x.go", text)); len(got) != 1 {
				t.Errorf("in %s: %q, want one complaint", outside, got)
			}
			for _, folder := range w.except {
				folder = strings.TrimSuffix(folder, "/...")
				if got := w.check(small(t, folder+"/x.go", text)); len(got) != 0 {
					t.Errorf("in %s: %q, want none", folder, got)
				}
			}
		})
	}
}

// A wall also stops what comes through another package of this module.
func TestWallsStandBehindOtherPackages(t *testing.T) {
	root, err := load(fstest.MapFS{
		"stores/x.go":    {Data: []byte("package stores\n\nimport _ \"" + module + "/stores/a\"\n")},
		"stores/a/x.go":  {Data: []byte("package a\n\nimport _ \"" + module + "/connect/b\"\n")},
		"connect/b/x.go": {Data: []byte("package b\n\nimport _ \"github.com/twmb/franz-go/pkg/kgo\"\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(checkWalls(root), "\n")
	if want := "stores imports " + module + "/stores/a, which imports " + module + "/connect/b, which imports "; !strings.Contains(got, want) {
		t.Errorf("complaints:\n%s\nwant one with %q", got, want)
	}
}

// file is one file of the module. Only Go files have syntax.
type file struct {
	path      string // slash-separated, relative to the module's root
	text      string
	syntax    *ast.File
	generated bool
}

func (f *file) dir() string      { return path.Dir(f.path) }
func (f *file) isTest() bool     { return strings.HasSuffix(f.path, "_test.go") }
func (f *file) isMain() bool     { return f.syntax.Name.Name == "main" }
func (f *file) isTestdata() bool { return strings.Contains("/"+f.path, "/testdata/") }

// line returns path:line of a position in f.
func (f *file) line(t *tree, at ast.Node) string {
	return f.path + ":" + strconv.Itoa(t.fset.Position(at.Pos()).Line)
}

// tree is the module: its Go files outside testdata, and all its text files.
type tree struct {
	fset  *token.FileSet
	files []*file // Go files, tests included
	all   []*file // every text file
}

// code returns the Go files that are neither tests nor generated.
func (t *tree) code() []*file {
	var code []*file
	for _, f := range t.files {
		if !f.isTest() && !f.generated {
			code = append(code, f)
		}
	}
	return code
}

func small(t *testing.T, name, text string) *tree {
	t.Helper()
	root, err := load(fstest.MapFS{name: {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// load reads the files of a module that are in version control or would be.
func load(root fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	kept := listed(root)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if d.Name() == ".git" {
				return fs.SkipDir
			}
			return nil
		case kept != nil && !kept[name] || !d.Type().IsRegular():
			return nil
		}
		return t.add(root, name)
	})
	return t, err
}

func (t *tree) add(root fs.FS, name string) error {
	text, err := fs.ReadFile(root, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it went away under the walk
	}
	if err != nil {
		return err
	}
	f := &file{path: name, text: string(text)}
	if strings.Contains(f.text, "\x00") {
		return nil // not text
	}
	t.all = append(t.all, f)
	if !strings.HasSuffix(name, ".go") || f.isTestdata() {
		return nil
	}
	f.syntax, err = parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f.generated = ast.IsGenerated(f.syntax)
	t.files = append(t.files, f)
	return nil
}

// listed returns the files git knows or would add, or nil when there is no checkout to ask.
func listed(root fs.FS) map[string]bool {
	if _, err := fs.Stat(root, ".git"); err != nil {
		return nil
	}
	out, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil
	}
	kept := map[string]bool{}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		kept[name] = true
	}
	return kept
}
