package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/builtin"
)

const folder = "../../../docs/reference"

func TestPagesAreFresh(t *testing.T) {
	var names []string
	for _, p := range pages() {
		names = append(names, p.path)
		got, err := os.ReadFile(filepath.Join(folder, p.path))
		if err != nil || string(got) != p.text() {
			t.Errorf("docs/reference/%s is stale or was edited by hand (%v): run make generate", p.path, err)
		}
	}
	found, err := existing(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if !slices.Contains(names, name) {
			t.Errorf("docs/reference/%s is not generated: run make generate", name)
		}
	}
}

func TestEveryPluginWithItsNamesAndKeysIsOnItsPage(t *testing.T) {
	text := map[string]string{}
	for _, p := range pages() {
		text[p.path] = p.text()
	}
	check := func(page string, i connect.Info, prefix string) {
		want := append([]string{i.Class}, i.Aliases...)
		if i.Def != nil {
			for _, k := range i.Def.Keys() {
				if clientPrefix, ok := strings.CutSuffix(k.Name, "bootstrap.servers"); k.Group != clientGroup {
					want = append(want, prefix+k.Name)
				} else if ok {
					want = append(want, prefix+clientPrefix)
				}
			}
		}
		for _, w := range want {
			if !strings.Contains(text[page], "`"+w+"`") {
				t.Errorf("docs/reference/%s does not name %s of %s", page, w, i.Class)
			}
		}
		if i.Doc == "" || !strings.HasSuffix(i.Doc, ".") {
			t.Errorf("the doc of %s is %q, want a sentence", i.Class, i.Doc)
		}
	}
	all := builtin.Plugins()
	for _, p := range all.Sources {
		check("connectors/"+p.Class+".md", p.Info, "")
	}
	for _, p := range all.Sinks {
		check("connectors/"+p.Class+".md", p.Info, "")
	}
	for _, p := range all.Converters {
		check("converters.md", p.Info, "value.converter.")
	}
	for _, p := range all.HeaderConverters {
		check("header-converters.md", p.Info, "header.converter.")
	}
	for _, p := range all.Transforms {
		check("transforms.md", p.Info, "transforms.<alias>.")
	}
	for _, p := range all.Predicates {
		check("predicates.md", p.Info, "predicates.<alias>.")
	}
}

func TestEveryTransformHasAnExample(t *testing.T) {
	examples, err := readExamples()
	if err != nil {
		t.Fatal(err)
	}
	list := newCatalog(builtin.Plugins()).transforms
	for _, e := range list {
		if _, ok := examples[folderOf(e.name)]; !ok {
			t.Errorf("no example.txtar is in testdata/%s, the cases of %s", folderOf(e.name), e.name)
		}
	}
	if len(examples) != len(list) {
		t.Errorf("there are %d examples of %d transforms", len(examples), len(list))
	}
}

func TestWriteRemovesPagesOfPluginsThatAreGone(t *testing.T) {
	dir := t.TempDir()
	gone := filepath.Join(dir, "connectors", "Gone.md")
	if err := os.MkdirAll(filepath.Dir(gone), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(gone, []byte("# Gone\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("stat of a page without a plugin: %v, want that it does not exist", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "README.md")); err != nil {
		t.Error(err)
	}
}

func TestWrapKeepsCodeAndLinksTogether(t *testing.T) {
	long := strings.Repeat("x ", 48)
	got := wrap(long+"`a b` [c d](e)", "  ")
	if want := strings.Repeat("x ", 47) + "x\n  `a b` [c d](e)"; got != want {
		t.Errorf("wrap = %q, want %q", got, want)
	}
}

func TestAcceptedValuesInWords(t *testing.T) {
	for described, want := range map[string]string{
		"[1,...]": "at least 1", "[-1,...,7]": "-1 to 7", "[none, all]": "`none` or `all`", "non-empty": "non-empty",
		"[https, ]": "`https` or empty",
	} {
		if got := accepted(described); got != want {
			t.Errorf("accepted(%q) = %q, want %q", described, got, want)
		}
	}
}

func TestReadmeListsEveryPlugin(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	c := newCatalog(builtin.Plugins())
	for _, e := range slices.Concat(c.sources, c.sinks, c.converters, c.transforms, c.predicates) {
		if text := string(readme); !strings.Contains(text, "`"+e.name+"`") && !strings.Contains(text, "["+e.name+"]") {
			t.Errorf("README.md does not list %s", e.name)
		}
	}
}
