package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/suiro/suiro/examples"
)

// marker is the file that says that a folder is the demo's, and for which
// Kafka it was made.
const marker = ".suiro-demo"

// folder is where the demo keeps its files.
type folder struct{ path string }

// openFolder makes the folder, or takes over one that a demo made. That of an
// embedded Kafka is emptied, because its Kafka is gone; that of brokers is
// kept. Anything else is refused.
func openFolder(path, kafka string) (folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return folder{}, err
	}
	if err := claimFolder(path, kafka); err != nil {
		return folder{}, fmt.Errorf("use the folder %s: %w", path, err)
	}
	return folder{path}, nil
}

func claimFolder(path, kafka string) error {
	owner := "the embedded Kafka"
	if kafka != "" {
		owner = "Kafka at " + kafka
	}
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case len(entries) > 0:
		was, err := os.ReadFile(filepath.Join(path, marker))
		if errors.Is(err, fs.ErrNotExist) {
			return errors.New("it is not empty and not a demo's: choose another with --dir")
		}
		if err != nil {
			return err
		}
		if got := strings.TrimSpace(string(was)); got != owner {
			return fmt.Errorf("it belongs to a demo on %s: choose another with --dir, or delete it", got)
		}
		if kafka == "" {
			if err := empty(path, entries); err != nil {
				return err
			}
		}
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(path, marker), []byte(owner+"\n"), 0o644)
}

// empty removes everything but the marker, so that what is interrupted here
// can be done again.
func empty(path string, entries []fs.DirEntry) error {
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
