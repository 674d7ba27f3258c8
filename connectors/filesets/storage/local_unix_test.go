//go:build unix

package storage_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

// outside is a folder with a file, and a storage in another folder in which a link
// leads there.
func outside(t *testing.T) (st storage.Local, root, secret string) {
	t.Helper()
	root, secret = t.TempDir(), filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(secret), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	return storage.NewLocal(root, 0o077), root, secret
}

func write(st storage.Storage, path string) error {
	f, err := st.Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write([]byte("text")); err != nil {
		return err
	}
	return f.Close()
}

func TestLocalDoesNotLeaveItsFolder(t *testing.T) {
	for _, way := range []string{"/link", "/../" + "x"} {
		st, root, secret := outside(t)
		if err := write(st, root+"/own"); err != nil {
			t.Fatal(err)
		}
		to := root + way
		for name, do := range map[string]func() error{
			"MkdirAll":    func() error { return st.MkdirAll(to + "/new/dir") },
			"Create":      func() error { return write(st, to+"/new") },
			"Rename to":   func() error { return st.Rename(root+"/own", to+"/own") },
			"Rename from": func() error { return st.Rename(to+"/secret", root+"/mine") },
			"Remove":      func() error { return st.Remove(to + "/secret") },
			"Stat":        func() error { _, err := st.Stat(to + "/secret"); return err },
			"ReadFile":    func() error { _, err := st.ReadFile(to+"/secret", 100); return err },
			"List": func() error {
				for _, err := range st.List(to) {
					return err
				}
				return nil
			},
		} {
			if err := do(); !errors.Is(err, storage.ErrRefused) {
				t.Errorf("%s by %s = %v, want ErrRefused", name, way, err)
			}
		}
		left, err := os.ReadDir(filepath.Dir(secret))
		if err != nil || len(left) != 1 {
			t.Errorf("outside are %v, %v, want the secret", left, err)
		}
		if text, err := os.ReadFile(secret); err != nil || string(text) != "keep" {
			t.Errorf("the secret is %q, %v", text, err)
		}
	}
}

// TestLocalFollowsNoLinkThatIsInTheWay: a link was put where a file is to be.
func TestLocalFollowsNoLinkThatIsInTheWay(t *testing.T) {
	st, root, secret := outside(t)
	for name, to := range map[string]string{"planted": secret, "dangling": secret + "2"} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
		if err := write(st, root+"/"+name); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Create at a link = %v, want ErrExist", err)
		}
		if e, err := st.Stat(root + "/" + name); err != nil || e.Dir || !e.Other {
			t.Errorf("Stat of a link = %+v, %v, want neither file nor directory", e, err)
		}
		if _, err := st.ReadFile(root+"/"+name, 100); !errors.Is(err, storage.ErrUnfit) {
			t.Errorf("ReadFile of a link = %v, want ErrUnfit", err)
		}
	}
	if err := st.Remove(root + "/link"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(secret); err != nil {
		t.Errorf("what the removed link leads to: %v", err)
	}
	if _, err := os.Stat(secret + "2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what the dangling link leads to: %v, want nothing", err)
	}
}

// TestLocalWaitsForNoPipe: a pipe that nobody writes to is put where a set is.
func TestLocalWaitsForNoPipe(t *testing.T) {
	root := t.TempDir()
	st := storage.NewLocal(root, 0o077)
	if err := syscall.Mkfifo(root+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := st.ReadFile(root+"/pipe", 100); !errors.Is(err, storage.ErrUnfit) {
		t.Errorf("ReadFile of a pipe = %v, want ErrUnfit", err)
	}
	for _, err := range st.List(root + "/pipe") {
		if !errors.Is(err, storage.ErrRefused) {
			t.Errorf("List of a pipe = %v, want ErrRefused", err)
		}
	}
}

func TestLocalModesAreTheOwnersUnlessWidened(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	for umask, want := range map[fs.FileMode][2]fs.FileMode{0o077: {0o600, 0o700}, 0o027: {0o640, 0o750}, 0o022: {0o644, 0o755}} {
		root := filepath.Join(t.TempDir(), "topics")
		st := storage.NewLocal(root, umask)
		if err := st.MkdirAll(root + "/a/b"); err != nil {
			t.Fatal(err)
		}
		if err := write(st, root+"/a/b/f"); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]fs.FileMode{"": want[1], "/a": want[1], "/a/b": want[1], "/a/b/f": want[0]} {
			info, err := os.Stat(root + name)
			if err != nil || info.Mode().Perm() != want {
				t.Errorf("umask %o: mode of %q is %o, %v, want %o", umask, name, info.Mode().Perm(), err, want)
			}
		}
	}
}

// TestLocalRootMayBeALink: the folder is the operator's choice.
func TestLocalRootMayBeALink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(t.TempDir(), dir+"/topics"); err != nil {
		t.Fatal(err)
	}
	st := storage.NewLocal(dir+"/topics", 0o077)
	if err := st.MkdirAll(dir + "/topics/a"); err != nil {
		t.Fatal(err)
	}
	if err := write(st, dir+"/topics/a/f"); err != nil {
		t.Fatal(err)
	}
}
