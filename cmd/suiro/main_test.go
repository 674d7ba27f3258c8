package main

import (
	"strings"
	"testing"
)

func TestAnUnknownCommandIsAUsageError(t *testing.T) {
	var stdout, stderr output
	if got := run(t.Context(), []string{"conect"}, &stdout, &stderr); got != exitUsage {
		t.Errorf("exit code = %d, want %d", got, exitUsage)
	}
	if want := `unknown command "conect"`; !strings.Contains(stderr.String(), want) {
		t.Errorf("stderr = %s\nwant it to hold %q", &stderr, want)
	}
}
