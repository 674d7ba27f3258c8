package cli

import (
	"strings"
	"testing"

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
