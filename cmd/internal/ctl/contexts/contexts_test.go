package contexts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/cmd/internal/ctl/contexts"
)

func TestContextsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "contexts.json")
	t.Setenv(contexts.Variable, path)
	f, err := contexts.Read()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := f.Find(""); ok || err != nil {
		t.Errorf("a context without a file: %v, %v", ok, err)
	}
	f.Set(contexts.Context{Name: "prod", URLs: []string{"http://b:8083"}, Password: "s3cret", User: "ann"})
	f.Set(contexts.Context{Name: "dev", URLs: []string{"http://a:8083"}})
	f.Set(contexts.Context{Name: "dev", URLs: []string{"http://c:8083"}})
	if err := f.Write(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v, want 0600", info.Mode(), err)
	}
	f, err = contexts.Read()
	if err != nil || f.Current != "prod" || len(f.Contexts) != 2 || f.Contexts[0].URLs[0] != "http://c:8083" {
		t.Fatalf("read back %+v, %v", f, err)
	}
	if c, ok, err := f.Find(""); !ok || err != nil || c.User != "ann" {
		t.Errorf("current %+v, %v, %v", c, ok, err)
	}
	if _, _, err := f.Find("prd"); err == nil || !strings.Contains(err.Error(), "did you mean prod?") {
		t.Errorf("a misspelt name: %v", err)
	}
	if !f.Delete("prod") || f.Delete("prod") {
		t.Error("prod is not deleted once")
	}
	if err := f.Write(); err != nil {
		t.Fatal(err)
	}
	if f, err = contexts.Read(); err != nil || f.Current != "" {
		t.Errorf("after the current one was deleted: %+v, %v", f, err)
	}
}

func TestContextsThatAreRefused(t *testing.T) {
	for want, c := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"others may read it: chmod 600 ": {`{"contexts":[{"name":"a","urls":["http://a:1"],"password":"s3cret"}]}`, 0o644},
		"mend or remove the file":        {`{"contexts":`, 0o600},
		`unknown field "pasword"`:        {`{"contexts":[{"name":"a","pasword":"s3cret"}]}`, 0o600},
	} {
		path := filepath.Join(t.TempDir(), "contexts.json")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		t.Setenv(contexts.Variable, path)
		if _, err := contexts.Read(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, want %q", c.text, err, want)
		}
	}
}
