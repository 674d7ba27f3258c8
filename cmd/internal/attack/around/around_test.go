package around_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/cmd/internal/attack/around"
)

func TestChangesAreSeenOutsideOfTheGivenFolders(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(root string) error
		want   string // of the first change, "" for none
	}{
		{"nothing", func(string) error { return nil }, ""},
		{"a new file in a given folder", func(root string) error { return write(root+"/given/a", "x") }, ""},
		{"a new file", func(root string) error { return write(root+"/b", "x") }, "changed: {root} "},
		{"another content of the same length", func(root string) error { return write(root+"/near/a", "B") }, "changed: {root}/near/a"},
		{"another mode", func(root string) error { return os.Chmod(root+"/near/a", 0o644) }, "changed: {root}/near/a"},
		{"a file that is gone", func(root string) error { return os.Remove(root + "/near/a") }, "changed: {root}/near "},
		{"a link that leads elsewhere", func(root string) error {
			return os.Rename(root+"/near/link2", root+"/near/link")
		}, "changed: {root}/near "},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for _, dir := range []string{"given", "near"} {
				if err := os.Mkdir(filepath.Join(root, dir), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := write(root+"/near/a", "A"); err != nil {
				t.Fatal(err)
			}
			for link, to := range map[string]string{"link": "a", "link2": "b"} {
				if err := os.Symlink(to, root+"/near/"+link); err != nil {
					t.Fatal(err)
				}
			}
			tree, err := around.Look(root, root+"/given")
			if err != nil {
				t.Fatal(err)
			}
			if err := c.change(root); err != nil {
				t.Fatal(err)
			}
			got, err := tree.Changes()
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(c.want, "{root}", root)
			if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || !strings.HasPrefix(got[0], want)) {
				t.Errorf("Changes = %q, want the first to begin with %q", got, want)
			}
		})
	}
}

func write(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }
