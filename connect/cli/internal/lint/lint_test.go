package lint

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/internal/configfiles"
)

// The case in which every rule finds something holds each by its name.
func TestEveryRuleHasACase(t *testing.T) {
	text, err := os.ReadFile("../../testdata/trial/lint.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules() {
		if !strings.Contains(string(text), "\n  "+r.Name+": ") {
			t.Errorf("%s finds nothing in testdata/trial/lint.txtar", r.Name)
		}
	}
	if list := names(); !slices.IsSorted(list) {
		t.Errorf("the rules are not sorted: %q", list)
	}
}

// The examples are what somebody begins with.
func TestExamplesAreClean(t *testing.T) {
	t.Chdir("../../../..") // where some of them are run
	for _, folder := range []string{"examples/configs", "examples/pipeline"} {
		files, err := configfiles.Files([]string{folder})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range find(builtin.Plugins(), check.ReadAlone(builtin.Plugins(), files), nil) {
			t.Errorf("%+v", f)
		}
	}
}

// Destinations are keys that the classes have.
func TestDestinationsAreKeys(t *testing.T) {
	declared := map[string][]string{}
	for _, p := range builtin.Plugins().Sources {
		declared[p.Class] = p.Def.Names()
	}
	for _, p := range builtin.Plugins().Sinks {
		declared[p.Class] = p.Def.Names()
	}
	for class, keys := range destinations {
		for _, key := range keys {
			if !slices.Contains(declared[class], key) {
				t.Errorf("%s has no key %s", class, key)
			}
		}
	}
}
