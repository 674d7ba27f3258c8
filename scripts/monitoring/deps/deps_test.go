package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestThePageHasARowForEachModule(t *testing.T) {
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	got := text([]module{
		{Path: "example.com/a", Version: "v1.0.0", Time: at, Licences: []string{"MIT"}, Built: true},
		{Path: "example.com/b", Version: "v0.1.0", Time: at, Indirect: true,
			Update: &module{Version: "v0.2.0", Time: at.AddDate(0, 1, 0)}},
	}, at)
	for _, want := range []string{
		"\n| example.com/a | v1.0.0 | 2026-01-02 | - | MIT | yes | yes |\n",
		"\n| example.com/b | v0.1.0 | 2026-01-02 | v0.2.0, 2026-02-02 | none found |  |  |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("page = %s, want the row %s", got, want)
		}
	}
}

func TestLicencesAreRead(t *testing.T) {
	own, err := os.ReadFile(filepath.Join("..", "..", "..", "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{string(own): "Apache-2.0", "Do what you want.": "?"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "LICENSE.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := licencesIn(dir); err != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("licences = %v, %v, want %s", got, err, want)
		}
	}
}
