package configfiles

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A folder stands for its connectors, also for those that are broken, and for nothing else.
func TestFilesOfAFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	for path, text := range map[string]string{
		"b.json": `{"name":"b","connector.class":"C"}`, "team/a.yaml": "name: a\n", "broken.properties": "connector.class=C\n",
		"worker.properties": "bootstrap.servers=a:1\n", "b.test.yaml": "- name: a case\n", "README.md": "# Files\n",
		".git/config.json": "{}", ".hidden.json": "{}",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for paths, want := range map[string]string{
		".": "b.json broken.properties team/a.yaml", "team b.json": "team/a.yaml b.json", "b.json .": "b.json broken.properties team/a.yaml",
		"worker.properties": "worker.properties",
	} {
		got, err := Files(strings.Fields(paths))
		if err != nil || !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("Files(%s) = %q, %v, want %q", paths, got, err, want)
		}
	}
	for path, want := range map[string]string{".git": "", "nowhere": "nowhere: no such file", "empty": "empty: holds no connectors: their files end with .json"} {
		if path == "empty" {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Files([]string{path})
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("Files(%s): %v, want %q", path, err, want)
		}
	}
}
