package demo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/suiro/suiro/examples"
)

// marker is the file that says that a folder is the demo's, and for which
// Kafka it was made.
const marker = ".suiro-demo"

// folder is where the demo keeps its files. It is locked until lock is closed.
type folder struct {
	path string
	lock io.Closer
}

// openFolder makes the folder, or takes over one that a demo made and that none
// uses now. That of an embedded Kafka is emptied, because its Kafka is gone; that
// of brokers is kept. Anything else is refused.
func openFolder(path, kafka string) (folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return folder{}, err
	}
	lock, err := claimFolder(path, kafka)
	if err != nil {
		return folder{}, fmt.Errorf("use the folder %s: %w: choose another with --dir", path, err)
	}
	return folder{path, lock}, nil
}

func claimFolder(path, kafka string) (lock io.Closer, err error) {
	owner := "the embedded Kafka"
	if kafka != "" {
		owner = "Kafka at " + kafka
	}
	if err := checkOwner(path, owner); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	if lock, err = lockFile(filepath.Join(path, marker)); err != nil {
		return nil, err
	}
	err = os.WriteFile(filepath.Join(path, marker), []byte(owner+"\n"), 0o644)
	if err == nil && kafka == "" {
		err = empty(path)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// checkOwner refuses a folder with files of somebody else.
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

// lockFile makes the file if it is missing, and locks it against other demos.
// The lock ends with the process at the latest.
func lockFile(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
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

// empty removes everything but the marker, so that what is interrupted here
// can be done again.
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

func (f folder) file(elements ...string) string {
	return filepath.Join(append([]string{f.path}, elements...)...)
}

// write writes a file below the folder.
func (f folder) write(name string, content []byte) (path string, err error) {
	path = f.file(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, content, 0o644)
}

// exampleLog puts the built-in log into the folder.
func (f folder) exampleLog() (string, error) {
	return f.write("access.ltsv", []byte(examples.AccessLog()))
}

// shown is a path in the folder as a person would type it.
func (f folder) shown(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(short) {
		return short
	}
	return path
}
