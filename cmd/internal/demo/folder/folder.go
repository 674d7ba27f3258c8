// Package folder keeps the files of a demo: one folder, locked while it is used.
package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// marker is the name of the file that marks a folder as a demo's. Its text names
// the Kafka that the demo ran on.
const marker = ".suiro-demo"

// Folder is where the demo keeps its files. It is locked until it is closed.
type Folder struct {
	path string
	lock io.Closer
}

// Path is the absolute path of the folder.
func (f Folder) Path() string { return f.path }

// Close unlocks the folder.
func (f Folder) Close() error { return f.lock.Close() }

// Open creates the folder, or takes over the folder of an earlier demo on the same
// Kafka that no demo uses now. kafka is the brokers' address, "" for an embedded
// Kafka. What a demo on an embedded Kafka left in the folder is removed, because
// its Kafka is gone; what a demo on brokers left is kept. A folder with other
// files is an error.
func Open(path, kafka string) (Folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Folder{}, err
	}
	lock, err := claimFolder(path, kafka)
	if err != nil {
		return Folder{}, fmt.Errorf("use the folder %s: %w: choose another with --dir", path, err)
	}
	return Folder{path, lock}, nil
}

func claimFolder(path, kafka string) (lock io.Closer, err error) {
	owner := "the embedded Kafka"
	if kafka != "" {
		owner = "Kafka at " + kafka
	}
	if err := checkOwner(path, owner); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	if err := checkUser(path); err != nil {
		return nil, err
	}
	if lock, err = lockFile(filepath.Join(path, marker)); err != nil {
		return nil, err
	}
	err = write(filepath.Join(path, marker), []byte(owner+"\n"))
	if err == nil && kafka == "" {
		err = empty(path)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// checkUser returns an error for a folder that somebody else made, for instance in a
// place where everybody may: they could put links in it.
func checkUser(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Getuid() {
		return errors.New("it belongs to another user")
	}
	return nil
}

// checkOwner returns an error for a folder with files of somebody else.
func checkOwner(path, owner string) error {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	was, err := os.ReadFile(filepath.Join(path, marker))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("it is not empty and not a demo's")
	}
	if err != nil {
		return err
	}
	if got := strings.TrimSpace(string(was)); got != owner {
		return fmt.Errorf("it belongs to a demo on %s", got)
	}
	return nil
}

// lockFile creates the file if it is missing, and locks it against other demos.
// The lock ends with the process at the latest.
func lockFile(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("another demo runs in it")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// empty removes everything but the marker. The marker stays so that an
// interrupted call can be repeated by the next demo.
func empty(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == marker {
			continue
		}
		if err := os.RemoveAll(filepath.Join(path, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// File is the path of a file in the folder.
func (f Folder) File(elements ...string) string {
	return filepath.Join(append([]string{f.path}, elements...)...)
}

// Write writes a file below the folder.
func (f Folder) Write(name string, content []byte) (path string, err error) {
	path = f.File(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return path, write(path, content)
}

// Create makes or empties a file in the folder. It does not follow a symbolic link.
func (f Folder) Create(name string) (*os.File, error) { return create(f.File(name)) }

func create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
}

func write(path string, content []byte) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// Shown is a path in the folder as a person would type it: relative to the
// working directory where possible.
func (f Folder) Shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(short) {
		return short
	}
	return path
}
