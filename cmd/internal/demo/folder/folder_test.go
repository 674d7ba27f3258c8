package folder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolderIsTakenOverOnlyFromADemoOfTheSameKind(t *testing.T) {
	const embedded, brokers = "", "kafka1:9092"
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	made := func(kafka string) string {
		f, err := Open(filepath.Join(t.TempDir(), "d"), kafka)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write("left/over", nil); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		return f.Path()
	}
	used := made(embedded)
	running, err := Open(used, embedded)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if _, err := running.Write("left/over", nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path, kafka string
		want              string // of the error
		kept              bool
	}{
		{"new", filepath.Join(t.TempDir(), "a", "b"), embedded, "", false},
		{"empty", t.TempDir(), embedded, "", false},
		{"embedded again", made(embedded), embedded, "", false},
		{"brokers again", made(brokers), brokers, "", true},
		{"embedded after brokers", made(brokers), embedded, "belongs to a demo on Kafka at kafka1:9092", true},
		{"brokers after embedded", made(embedded), brokers, "belongs to a demo on the embedded Kafka", true},
		{"of one that runs", used, embedded, "another demo runs in it: choose another with --dir", true},
		{"somebody's", foreign, embedded, "not empty and not a demo's", false},
		{"a file", filepath.Join(foreign, "thesis.txt"), embedded, "not a directory", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(c.path, c.kafka)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Open = %v, want an error with %q", err, c.want)
			}
			if _, err := os.Stat(filepath.Join(c.path, "left", "over")); (err == nil) != c.kept {
				t.Errorf("what was in the folder: %v, want kept %v", err, c.kept)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(foreign, "thesis.txt")); err != nil {
		t.Errorf("a file of somebody else: %v", err)
	}
}

// Whoever may write into the folder could have put a link where a file belongs.
func TestFilesArePrivateAndNotWrittenThroughLinks(t *testing.T) {
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(filepath.Join(t.TempDir(), "d"), "kafka1:9092")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{"a", "demo.log"} {
		if err := os.Symlink(victim, f.File(name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Write("a", []byte("theirs")); err == nil {
		t.Error("Write follows a link")
	}
	if _, err := f.Create("demo.log"); err == nil {
		t.Error("Create follows a link")
	}
	if got, err := os.ReadFile(victim); err != nil || string(got) != "mine" {
		t.Errorf("the file behind the link = %q, %v, want it as it was", got, err)
	}
	path, err := f.Write("b/c", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{f.Path(), filepath.Dir(path), path, f.File(marker)} {
		if info, err := os.Stat(at); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, %v, want it private", at, info.Mode(), err)
		}
	}
}
