package statedir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestProcessIDStaysWithTheFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "app") // made with its parents
	var first string
	for range 3 {
		d, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = d.ProcessID()
		}
		if got := d.ProcessID(); got == "" || got != first {
			t.Errorf("process id %q, want %q", got, first)
		}
		if d.Path() != path {
			t.Errorf("Path() = %s, want %s", d.Path(), path)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	other, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if other.ProcessID() == first {
		t.Error("another folder has the same process id")
	}
}

// The file is Kafka Streams' own, so that its id is kept when an app moves.
func TestProcessIDIsReadFromKafkaStreamsFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, `{"processId":"6d5ee3a8-0f4b-4e0b-8f0f-2a4b7f5f0b9d","unknown":1}`)
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got, want := d.ProcessID(), "6d5ee3a8-0f4b-4e0b-8f0f-2a4b7f5f0b9d"; got != want {
		t.Errorf("process id %s, want %s", got, want)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir)
	for _, want := range []string{dir, "another process uses it", "state.dir of its own"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d, err = Open(dir)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	d.Close()
}

func TestDamagedFileIsNamed(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "not JSON": "{", "no id": `{"processId":""}`, "other JSON": `[]`, "an id that is no name": `{"processId":"../x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, text)
			_, err := Open(dir)
			for _, want := range []string{filepath.Join(dir, processFile), "damaged", "delete it"} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want one with %q", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), "<nil>") {
				t.Errorf("error %v reports an error that did not happen", err)
			}
			if err := os.Remove(filepath.Join(dir, processFile)); err != nil {
				t.Fatal(err)
			}
			d, err := Open(dir) // the lock was let go of, and the remedy helps
			if err != nil {
				t.Fatal(err)
			}
			d.Close()
		})
	}
}

// What is in the folder is for the user of the process alone.
func TestOnlyTheUserCanReadTheFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "app")
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for name, want := range map[string]os.FileMode{
		filepath.Dir(path): 0o700 | os.ModeDir, path: 0o700 | os.ModeDir,
		filepath.Join(path, ".lock"): 0o600, filepath.Join(path, processFile): 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
}

// Somebody who may write to the folder cannot lead the app to another file.
func TestSymbolicLinksAreNotFollowed(t *testing.T) {
	for _, name := range []string{".lock", processFile, processFile + ".tmp"} {
		t.Run(name, func(t *testing.T) {
			dir, target := t.TempDir(), filepath.Join(t.TempDir(), "precious")
			if err := os.WriteFile(target, []byte(`{"processId":"planted"}`), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
			d, err := Open(dir)
			if err == nil {
				d.Close()
				if d.ProcessID() == "planted" {
					t.Error("the process id is that of a file elsewhere")
				}
			}
			if err == nil && name != processFile+".tmp" {
				t.Errorf("%s is followed", name)
			}
			data, err := os.ReadFile(target)
			if err != nil || string(data) != `{"processId":"planted"}` {
				t.Errorf("the file elsewhere is %q, %v", data, err)
			}
		})
	}
}

func TestFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(file, "app")
	_, err := Open(path)
	for _, want := range []string{file, "set state.dir"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func write(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, processFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
