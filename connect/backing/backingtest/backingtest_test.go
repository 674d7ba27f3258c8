package backingtest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/backing"
	"github.com/suiro/suiro/connect/backing/backingtest"
)

// brokenEnv makes TestAStoreThatForgetsFails run the suite on a broken store.
const brokenEnv = "SUIRO_BROKEN_IMPLEMENTATION"

func openFile(t *testing.T, dir string) backing.OffsetStore {
	t.Helper()
	s, err := backing.OpenFile(filepath.Join(dir, "offsets"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAStoreThatKeepsItsPromisesPasses(t *testing.T) { backingtest.Run(t, openFile) }

func TestAStoreThatForgetsFails(t *testing.T) {
	if os.Getenv(brokenEnv) != "" {
		backingtest.Run(t, func(t *testing.T, _ string) backing.OffsetStore { return openFile(t, t.TempDir()) })
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestAStoreThatForgetsFails$")
	cmd.Env = append(os.Environ(), brokenEnv+"=1")
	out, err := cmd.CombinedOutput()
	if want := "want map[position:7]"; err == nil || !strings.Contains(string(out), want) {
		t.Errorf("the suite ended with %v and said\n%s\nwant a failure with %q", err, out, want)
	}
}
